"""The server of a hub: how its connections are set up."""

from __future__ import annotations

import socket

from starlette.applications import Starlette

from loopdesk.hub.http.server import HubServer


def test_a_body_does_not_wait_for_the_acknowledgment_of_its_headers() -> None:
    server = HubServer(Starlette(), "127.0.0.1", 0)
    port = int(server.url.rpartition(":")[2])
    with server._socket as listening, socket.create_connection(("127.0.0.1", port)):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
