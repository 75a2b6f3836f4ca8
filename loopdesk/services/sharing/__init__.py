"""What benches of one site share through their hub. Nothing waits for it."""
