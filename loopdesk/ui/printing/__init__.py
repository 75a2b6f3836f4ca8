"""Sheets of command codes and practice labels, checked by reading them back."""
