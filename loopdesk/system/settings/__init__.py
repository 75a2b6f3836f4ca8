"""The settings: their table, the files they come from, how they are checked and written."""
