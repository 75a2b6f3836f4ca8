"""Sends actions, reads them back, and decides when they are done."""
