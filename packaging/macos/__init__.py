"""What only macOS packages need: which macOS the wheels were made for, and the steps on a Mac."""
