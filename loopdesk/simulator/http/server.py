"""Serves the simulator over TCP on loopback: inside a running asyncio loop, or as its own process.

The simulator imports nothing of the program, so the program's clock cannot be injected there.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from loopdesk.simulator.http.app import CONNECTION, Face
from loopdesk.simulator.loop import PRACTICE_KEY, Loop
from loopdesk.simulator.samples import practice_loop


def wall_clock() -> datetime:
    """The current time, timezone-aware."""
    return datetime.now(UTC)


_HOST = "127.0.0.1"
_TURNS = 10
"""Loop iterations within which a connection is set up, or torn down after it was broken."""

_LINGER_ZERO = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class BreakableProtocol(H11Protocol):
    """uvicorn's HTTP over one connection that the application can break."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        face = self.app

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            scope[CONNECTION] = self
            await face(scope, receive, send)

        self.app = with_connection

    def break_off(self, reset: bool) -> None:
        """End the connection without a response: orderly, or with a TCP reset."""
        if reset:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            self.transport.abort()
        else:
            self.transport.close()


def accept_no_more(server: asyncio.Server) -> None:
    """Stop accepting connections, while those already accepted can still start.

    asyncio forgets the socket of a connection accepted just before ``close`` and leaves it open.
    """
    running = asyncio.get_running_loop()
    for listening in server.sockets:
        with contextlib.suppress(NotImplementedError):  # not on Windows, whose loop cancels the accept itself
            running.remove_reader(listening.fileno())


class Server:
    """The simulator on 127.0.0.1, inside the running asyncio loop.

    It installs no signal handlers, writes no log lines, and can stop with connections open.

    Args:
        loop: The simulated Loop.
        port: The port; 0 picks a free one.
    """

    def __init__(self, loop: Loop, port: int = 0) -> None:
        self.loop = loop
        self._port = port
        self._face = Face(loop, is_served=True)
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on.

        Raises:
            RuntimeError: The server was not started.
        """
        if self._server is None:
            raise RuntimeError("the simulator was not started")
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """The origin, without a path: `http://127.0.0.1:PORT`."""
        return f"http://{_HOST}:{self.port}"

    async def start(self) -> None:
        """Start listening.

        Raises:
            OSError: The port is taken.
        """
        config = Config(
            self._face,
            http=BreakableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=30,
        )
        config.load()
        running = asyncio.get_running_loop()
        self._server = await running.create_server(
            lambda: BreakableProtocol(config, self._state, {}, running), _HOST, self._port, backlog=512
        )

    async def stop(self) -> None:
        """Stop listening, break every connection, and wait until all requests have ended."""
        server, self._server = self._server, None
        if server is None:
            return
        accept_no_more(server)
        self._face.stop_waiting()
        await self._face.webhooks.stop()
        for _ in range(_TURNS):  # a socket accepted a moment ago becomes a connection in the next iterations
            for connection in list(self._state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
        server.close()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=5)
        await server.wait_closed()

    async def __aenter__(self) -> Server:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()


def serve(
    port: int = 0,
    seed: int = 1,
    returns: int = 0,
    *,
    clock: Callable[[], datetime] = wall_clock,
    say: Callable[[str], None],
) -> int:
    """Serve the practice shop until Ctrl+C or SIGTERM.

    Args:
        port: The port; 0 picks a free one.
        seed: Varies the ordinary returns.
        returns: Number of additional ordinary returns.
        clock: Returns the current time, timezone-aware.
        say: Receives one line with the address and the key once the server listens.

    Returns:
        The exit code 0.

    Raises:
        OSError: The port is taken.
    """
    asyncio.run(_serve(practice_loop(clock=clock, seed=seed, returns=returns), port, say))
    return 0


async def _serve(loop: Loop, port: int, say: Callable[[str], None]) -> None:
    ended = asyncio.Event()
    with _ending(asyncio.get_running_loop(), ended):
        async with Server(loop, port) as server:
            say(f"{server.url} X-Authorization: {PRACTICE_KEY.value}")
            await ended.wait()


@contextlib.contextmanager
def _ending(running: asyncio.AbstractEventLoop, ended: asyncio.Event) -> Iterator[None]:
    """Set the event on SIGINT and SIGTERM where signals are available, and restore the previous handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, lambda *_: running.call_soon_threadsafe(ended.set))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
