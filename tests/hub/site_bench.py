"""A bench's share in what the site has, on a real store, asking a real hub when a test says so."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from loopdesk.domain.errors import AnswerLost
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.operators import Operator
from loopdesk.domain.publishing import Published
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.bench.vocabularies import VocabularyShelf
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import HubSaid, Mark
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import Mystery
from loopdesk.services.sharing.mysteries import MysterySharing
from loopdesk.services.sharing.publications import GivenDesk, GivenKind, UseKind
from loopdesk.services.station.events import (
    Feed,
    MysteryMatched,
    MysteryOverruled,
    MysteryRenumbered,
)
from loopdesk.store.sharing.shares import KeptShares
from loopdesk.store.store import open_store
from loopdesk.system.host.clock import SystemClock
from tests.bench_rig import VOCABULARY
from tests.builders import rebuild
from tests.fakes.given_texts import PlainTexts


class Outdated(Exception):
    """The hub's numbers mean something else now."""


class Line:
    """The bench's line to the hub.

    Attributes:
        is_cut: Nothing reaches the hub.
        loses_answers: The hub does what it is asked, and its answers do not arrive.
    """

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, headers={"X-Authorization": token}, trust_env=False, timeout=20.0
        )
        self.is_cut = False
        self.loses_answers = False
        self.is_hub = True
        self.generation = ""

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> HubSaid:
        """Ask the hub."""
        if self.is_cut:
            raise AnswerLost("cut")
        answer = await self._client.request(method, path, json=body)
        if self.loses_answers:
            raise AnswerLost("cut")
        self.generation = answer.headers["X-Loopdesk-Generation"]
        assert answer.status_code < 500, answer.text
        return HubSaid(answer.status_code, answer.json() if answer.content else {})

    async def events(self, after: int, upto: int, generation: str) -> AsyncGenerator[SharedEvent, None]:
        """Read the site's feed up to an event.

        Raises:
            Outdated: The numbers are of another generation.
        """
        headers = {"X-Loopdesk-Generation": generation}
        request = self._client.stream(
            "GET", "/hub/v1/changes", params={"after": f"*:{after}"}, headers=headers
        )
        async with request as answer:
            self.generation = answer.headers["X-Loopdesk-Generation"]
            if answer.status_code == 410:
                raise Outdated
            assert answer.status_code == 200, await answer.aread()
            kind = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    found = json.loads(line.removeprefix("data: "))
                    yield SharedEvent(kind, found["seq"], found["key"], found["value"])
                    if found["seq"] >= upto:
                        return

    async def look(self) -> str:
        """Return the generation that an answer tells."""
        return str((await self._client.get("/healthz")).headers["X-Loopdesk-Generation"])

    def go_to(self, url: str) -> None:
        """Ask the hub at another address from now on."""
        self._client.base_url = httpx.URL(url)

    async def aclose(self) -> None:
        """Close it."""
        await self._client.aclose()


class SiteBench:
    """One bench: store, services, and its line. It shares when ``share`` is called.

    Attributes:
        said: What a person would have been told.
    """

    def __init__(self, name: str, store: Any, line: Line, texts: PlainTexts) -> None:
        self.name, self.store, self.line, self.texts = name, store, line, texts
        self.said: list[object] = []
        self.faults: list[BaseException] = []
        clock = SystemClock()
        self.feed = Feed(lambda _where, failure: self.faults.append(failure))
        for kind in (MysteryMatched, MysteryOverruled, MysteryRenumbered):
            self.feed.on(kind, self.said.append)
        self.where = Station(name, Operator(name=f"Ada of {name}"), "f" * 16, 8.0, "")
        self.shares = KeptShares(store.database)
        self.desk = MysteryDesk(
            mysteries=store.mysteries,
            cache=store.returns,
            clock=clock,
            feed=self.feed,
            station=lambda: self.where,
            classify=classify,
        )
        self.shelf = VocabularyShelf(Vocabularies(VOCABULARY))
        self.publications = GivenDesk(store.given, texts, self.shelf, feed=self.feed)
        self.kinds = {
            kind.name: kind
            for kind in (
                MysterySharing(
                    store.site_mysteries,
                    self.shares,
                    line,
                    clock=clock,
                    feed=self.feed,
                    station=lambda: self.where,
                ),
                GivenKind(Published.VOCABULARY, self.publications, self.shares),
                GivenKind(Published.SETTINGS, self.publications, self.shares),
                UseKind(self.publications, self.shares, line),
            )
        }

    async def push(self, most: int = 1000) -> None:
        """Say what is to be said, as far as the line goes."""
        for _ in range(most):
            pending = await self.shares.pending(1)
            if not pending:
                return
            await self._push(pending[0])
            await self.shares.hear(self.line.generation)

    async def _push(self, mark: Mark) -> None:
        if await self.kinds[mark.kind].push(mark):
            await self.shares.said(mark)
        else:
            await self.shares.hold(mark)

    async def follow(self, upto: int) -> None:
        """Take what the hub tells, up to an event."""
        position = await self.shares.position()
        assert position is not None
        if position >= upto:
            return
        try:
            async with aclosing(self.line.events(position, upto, await self.shares.generation())) as events:
                async for event in events:
                    if event.kind in self.kinds:
                        await self.kinds[event.kind].take(event)
                    else:
                        await self.shares.skip(event.seq)
        except Outdated:
            await self.shares.begin_anew()
            await self.shares.hear(self.line.generation)

    async def reconnect(self, url: str) -> None:
        """Find the hub again, which may be of another generation."""
        self.line.go_to(url)
        if await self.shares.hear(await self.line.look()):
            await self.shares.begin_anew()

    async def records(self) -> dict[str, Mystery]:
        """Return all its parcels, by the number that people know."""
        found = await self.store.mysteries.all()
        assert len({each.site_number for each in found}) == len(found)
        return {each.site_number: each for each in found}


@asynccontextmanager
async def a_bench(folder: Path, name: str, url: str, token: str) -> AsyncIterator[SiteBench]:
    """Run a bench on a folder; what it kept there before it still has."""
    store = await open_store(folder, rebuild)
    line = Line(url, token)
    made = SiteBench(name, store, line, PlainTexts())
    try:
        await made.shares.turn(on=True)
        await made.publications.load()
        yield made
    finally:
        await line.aclose()
        await store.close()
    assert made.faults == []
