"""A simulated Loop with its own truth and rules, for practice mode and tests."""
