"""The audit logs of all benches: verified on arrival, kept in order, purged by age."""
