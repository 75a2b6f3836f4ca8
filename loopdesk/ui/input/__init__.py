"""Keys on their way to the window: scans, shortcuts, focus."""
