"""The simulator by itself: its rules, its faults, its HTTP."""
