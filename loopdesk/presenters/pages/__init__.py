"""The views other than the bench, one presenter each."""
