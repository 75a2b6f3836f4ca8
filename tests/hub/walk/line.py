"""A bench's line to the hub: real connections to whichever process lives, that break on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import httpx

from loopdesk.api.connections import real_wire
from tests.torture.wire import Post, Wire

HUB = "http://127.0.0.1:1/api"
"""Where benches believe the hub to be; a balancer leads them to a process."""

KEY_HEADER = "idempotency-key"


class HubLine(Wire):
    """The sockets of one station that has a hub.

    Attributes:
        late_seconds: The next action arrives so many seconds after its bench gave it up; 0 for at once.
    """

    late_seconds = 0.0

    def __init__(self, *args: Any, urls: Callable[[], tuple[str, ...]], random: Random) -> None:
        super().__init__(*args)
        self._urls = urls
        self._choice = random
        self._real = real_wire(keep_alive=False, proxy="")
        self._late = real_wire(keep_alive=False, proxy="")
        self._on_their_way: set[asyncio.Task[Any]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request to a living process and its answer back."""
        urls = self._urls()
        if not urls:
            raise httpx.ConnectError("nobody listens")
        request.extensions["hub"] = self._choice.choice(urls)
        return await super().handle_async_request(request)

    async def _ask(
        self, request: httpx.Request, post: Post | None
    ) -> tuple[int | None, list[tuple[bytes, bytes]], bytes, bool]:
        late, self.late_seconds = (self.late_seconds, 0.0) if post is not None else (0.0, self.late_seconds)
        if late:
            task = asyncio.ensure_future(self._arrive(request, late))
            self._on_their_way.add(task)
            task.add_done_callback(self._on_their_way.discard)
            raise httpx.ReadError("broken, and what was sent is still on its way")
        return await self._carry(request, self._real)

    async def _arrive(self, request: httpx.Request, late: float) -> None:
        await self._clock.sleep(late)
        await self._carry(request, self._late)

    async def _carry(
        self, request: httpx.Request, by: httpx.AsyncBaseTransport
    ) -> tuple[int | None, list[tuple[bytes, bytes]], bytes, bool]:
        origin = httpx.URL(request.extensions["hub"])
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host=origin.host, port=origin.port),
            headers=[(name, value) for name, value in request.headers.raw if name.lower() != b"host"],
            content=await request.aread(),
        )
        try:
            told = await by.handle_async_request(sent)
            try:
                body = b"".join([chunk async for chunk in told.stream])  # type: ignore[union-attr]
            finally:
                await told.aclose()
        except httpx.HTTPError:
            return None, [], b"", False
        return told.status_code, told.headers.raw, body, True

    def _post(self, request: httpx.Request) -> Post | None:
        post = super()._post(request)
        if post is not None:
            post.attempt = request.headers.get(KEY_HEADER, "")
        return post

    async def cut(self) -> None:
        """Let go of everything, as a dying process does, but for what is already on its way."""
        await self._real.aclose()

    async def stop_carrying(self) -> None:
        """Lose what is on its way."""
        for task in self._on_their_way:
            task.cancel()
        await asyncio.gather(*self._on_their_way, return_exceptions=True)
        await self._late.aclose()
