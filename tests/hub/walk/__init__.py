"""Benches, hub processes, PostgreSQL and Loop together, on one hurried clock."""
