"""Codes as scanners deliver them, good and damaged, each with the number that has to be found."""
