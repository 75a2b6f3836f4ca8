"""The machine: paths, settings, key stores, logs, sounds, serial ports, the doctor."""
