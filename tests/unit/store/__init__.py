"""The real SQLite store: transactions, migrations, kills, damage, search."""
