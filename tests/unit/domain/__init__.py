"""The pure functions that decide: labels, the wedge, settlements, the outbox."""
