"""Webhooks of Loop: proven by their signature, stored once, applied after the answer."""
