"""The named sample returns of practice mode, with their labels."""
