"""What Loop answered, kept as it came; asks Loop once for all who need a newer answer."""
