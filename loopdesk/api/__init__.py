"""Loop's HTTP API: one client, what its answers prove, and their translation to domain values."""
