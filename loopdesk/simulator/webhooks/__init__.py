"""Webhooks: what the simulated Loop tells of a change, signed, repeated, with troubles."""
