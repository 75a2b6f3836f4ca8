"""Use-cases on in-memory fakes, a scripted Loop and a hand-turned clock."""
