"""Actions and their stages: what may be sent, what an exchange proves, when to retry."""
