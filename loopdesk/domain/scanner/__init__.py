"""Tells a scanner's keys and bytes from a person's, and learns its speed."""
