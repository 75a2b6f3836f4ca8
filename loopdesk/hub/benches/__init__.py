"""The benches of a site: their tokens, how they join, how they are revoked."""
