"""Photos at the bench: what the next one is of, how it comes, and what is done with an open one."""
