"""What other benches have of the open return: what is said of it, and asked."""
