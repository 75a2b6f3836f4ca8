"""In-memory fakes of the ports, and a clock that tests turn; kept honest by ``tests/contracts``."""
