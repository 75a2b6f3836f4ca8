"""Every action that a bench asks for: sent at most once, its answer stored, its return claimed."""
