"""What the window shows, as frozen screens and sentences; without Qt."""
