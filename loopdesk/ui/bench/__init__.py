"""The bench's view: header, lines, grades, prompts."""
