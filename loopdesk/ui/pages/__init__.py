"""The views other than the bench."""
