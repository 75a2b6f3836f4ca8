"""Composition, the fault path, and the commands that work without a window."""
