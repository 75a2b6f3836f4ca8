"""What runs a station: connection, events, tasks, supervision, scanners, updates."""
