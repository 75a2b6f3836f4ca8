"""PostgreSQL: the pool, the lock that says who lives, notifications, migrations, named SQL."""
