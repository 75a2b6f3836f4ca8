"""Speed and memory, each beside its floor of the same run: ``make bench``; see ``README.md``."""
