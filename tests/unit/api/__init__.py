"""The client of Loop: requests, judgement of answers, parsing, TLS and sockets."""
