"""What can be checked of every system's package without building one: ``make package-check``."""
