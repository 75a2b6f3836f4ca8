"""The index: what the hub knows of each shop's returns, and the feed of its changes."""
