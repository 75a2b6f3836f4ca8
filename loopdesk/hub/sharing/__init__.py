"""What the benches of a site share through its hub."""
