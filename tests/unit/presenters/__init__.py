"""Presenters without Qt: the events that come in, the screens and sentences that come out."""
