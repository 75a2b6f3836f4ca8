"""What every store promises: the same tests run on the in-memory fake and on the real file."""
