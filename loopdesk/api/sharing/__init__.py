"""A hub, asked for what the benches of its site share."""
