"""Torture by random hostile input: scans, answers, files."""
