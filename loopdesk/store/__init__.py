"""SQLite behind one thread: transactions, migrations, audit log, search."""
