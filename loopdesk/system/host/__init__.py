"""Adapters to the operating system: clock, files, logs, lock, serial ports, sound."""
