"""Sentences for people, by subject."""
