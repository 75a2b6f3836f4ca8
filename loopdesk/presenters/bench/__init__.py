"""The bench: scans, commands, questions and undo become one screen."""
