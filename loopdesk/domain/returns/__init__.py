"""Returns and their parcels, and how a draft changes while a person inspects."""
