"""The simulated API over real HTTP, with its faults and control surface."""
