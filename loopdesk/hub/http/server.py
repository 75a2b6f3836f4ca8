"""uvicorn on a socket that is bound before anything else starts; its end is announced to open streams."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

GRACE_SECONDS = 20
"""How long requests may go on after the end was announced."""

_BACKLOG = 512


class HubServer(uvicorn.Server):
    """Serves until ``end``.

    uvicorn waits for open streams before it tells the application that it ends, so a stream would hold it
    up for good: streams watch an event that is set first.

    Args:
        app: The application.
        host, port: Where to listen; port 0 takes a free one.
        closing: Set when the server begins to end, for streams to watch.
        certificate, certificate_key: PEM files for TLS.

    Raises:
        OSError: The address cannot be used.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        closing: asyncio.Event | None = None,
        certificate: Path | None = None,
        certificate_key: Path | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                date_header=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,  # longer than a client keeps an idle line, so that it is never first
                timeout_graceful_shutdown=GRACE_SECONDS,
                backlog=_BACKLOG,
                ssl_certfile=certificate,
                ssl_keyfile=certificate_key,
            )
        )
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        # asyncio does this only for sockets that name their protocol, which these do not. Without it a body
        # waits for the client's delayed acknowledgment of the headers: 40 ms of each answer.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._scheme = "https" if certificate else "http"
        self._host = f"[{host}]" if ":" in host else host
        self._closing = closing or asyncio.Event()

    @property
    def url(self) -> str:
        """The origin that it listens on: ``https://127.0.0.1:8443``."""
        return f"{self._scheme}://{self._host}:{self._socket.getsockname()[1]}"

    async def run_until_end(self) -> None:
        """Serve until ``end`` was called and the requests are done."""
        try:
            await self.serve([self._socket])
        finally:
            self._socket.close()

    def end(self) -> None:
        """Announce the end to streams, and accept nothing more."""
        self._closing.set()
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the command handles them, and ends all of the hub in order."""
        yield
