"""One promise to the operator each, played in the whole program with its window and a simulated Loop."""
