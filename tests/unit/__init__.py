"""One room of the program each, without a window and mostly without a disk or a socket."""
