"""Deals a shop's requests to Loop out to all benches, over all processes."""
