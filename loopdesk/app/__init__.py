"""Composition and life cycle: wires all services, runs the event loop, shuts down in order."""
