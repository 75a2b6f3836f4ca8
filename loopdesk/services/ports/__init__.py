"""The Protocols that adapters implement: Loop, the store, the station."""
