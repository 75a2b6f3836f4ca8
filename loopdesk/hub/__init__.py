"""The hub: one warehouse's voice to Loop, for many benches and shops, over PostgreSQL."""
