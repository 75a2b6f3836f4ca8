"""Damage and restored backups: detected, repaired, salvaged."""
