"""Freezes the program into one folder on any system, checks it, and makes the Debian package."""
