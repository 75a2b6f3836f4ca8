"""uvicorn on a socket that is bound before anything else starts; its end is announced to open streams.

How long it waits for what a client sends, and how many it lets in, is bounded here: one that dawdles holds
nobody up. uvicorn bounds how large a head may be (64 KiB) and how long a line may idle after an answer, and
no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger("loopdesk.hub.http")

GRACE_SECONDS = 20
"""How long requests may go on after the end was announced."""

_BACKLOG = 512

HEAD_SECONDS: Final = 15.0
"""From the connection, or from the head's first byte on a line that was used, to the head's end."""

BODY_SECONDS: Final = 60.0
"""From the head's end to the body's: twice as long as a bench waits for an answer."""

CONNECTIONS_MOST: Final = 2000
"""At once, a process. Beyond it whoever has waited longest without having asked anything is let go."""


class PatientProtocol(H11Protocol):
    """One connection, given up if what it sends takes too long, or if there are too many."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS
    connections_most = CONNECTIONS_MOST

    _awaited: tuple[str, object] = ("", None)
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._await("head", None, self.head_seconds)
        if len(self.connections) > self.connections_most:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take it, and see what is waited for then."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """The answer went: what is waited for now?"""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._await("", None, 0.0)
        super().connection_lost(exc)

    def _look(self) -> None:
        state = self.conn.their_state
        if self.transport.is_closing():
            self._await("", None, 0.0)
        elif state is h11.SEND_BODY:
            self._await("body", self.cycle, self.body_seconds)
        elif state is h11.IDLE and (not self._has_asked() or self.conn.trailing_data[0]):
            self._await("head", self.cycle, self.head_seconds)
        else:  # the answer is under way, or the line idles, which uvicorn bounds
            self._await("", None, 0.0)

    def _has_asked(self) -> bool:
        """Whether a request has come. Before the first one there is no cycle, which uvicorn does not say."""
        cycle: object = self.cycle
        return cycle is not None

    def _await(self, what: str, of: object, seconds: float) -> None:
        """Begin to wait, unless it is waited for already: one more byte gives nobody more time."""
        if (what, of) == self._awaited:
            return
        self._awaited = (what, of)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if what:
            self._timer = self.loop.call_later(seconds, self._give_up, what)

    def _make_room(self) -> None:
        others = [each for each in self.connections if isinstance(each, PatientProtocol)]
        silent = [each for each in others if not each._has_asked() and not each.transport.is_closing()]
        min(silent, key=lambda each: each._since, default=self)._give_up("room")

    def _give_up(self, what: str) -> None:
        log.info("client_given_up what=%s", what)
        self._await("", None, 0.0)
        self.transport.abort()


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
                http=PatientProtocol,
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
        self.config.load()
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

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What new connections are encrypted by; None without TLS."""
        return self.config.ssl

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
