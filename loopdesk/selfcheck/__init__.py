"""The program checks itself: smoke test, guided tour, doctor."""
