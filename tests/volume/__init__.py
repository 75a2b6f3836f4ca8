"""Large shops and long days on a hand-turned clock: counts of requests, not times."""
