"""Keeps the store's index of Loop's returns up to date, within the request budget."""
