"""Entries, attempts and settlements, with the legal moves enforced in SQL."""
