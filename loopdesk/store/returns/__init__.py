"""Loop's answers and what was entered for them; every code and word that finds them."""
