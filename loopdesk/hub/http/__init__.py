"""The hub's HTTP faces: who asks, what is answered; no SQL."""
