"""Which return is open where, at the hub: said, changed, ended by silence; and who is told of which shop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from loopdesk.domain.publishing import SITE, Published
from loopdesk.hub.compose import Hub
from loopdesk.hub.sharing.presence import SILENT_SECONDS, Opened
from tests.builders import AT, RETURN_ID
from tests.hub.running import joined, settings_for

ACME, NORTH = "acme", "north"
PRESENCE, DRAFTS = "/hub/v1/presence", "/hub/v1/drafts"


@dataclass
class Docks:
    """A hub of two shops with a bench for each, and one for both."""

    hub: Hub
    client: httpx.AsyncClient
    tokens: dict[str, str]

    async def put(self, bench: str, target: str, **body: Any) -> httpx.Response:
        """Put something as a bench."""
        return await self.client.put(target, json=body, headers={"X-Authorization": self.tokens[bench]})

    async def open(self, bench: str, person: str = "Ana") -> UUID:
        """Let a bench say that a return is open there; returns the bench's id."""
        said = await self.put(
            bench, PRESENCE, return_id=RETURN_ID, order="#1", person=person, since=AT.isoformat()
        )
        assert said.status_code == httpx.codes.OK
        return UUID(said.json()["bench_id"])

    async def heard(self, bench: str, *, end: str = "settings") -> list[tuple[str, str, Any]]:
        """Return kind, key and value of what a stream tells a bench but the list of people, up to a kind."""
        target, headers = "/hub/v1/changes?after=*:0", {"X-Authorization": self.tokens[bench]}
        found: list[tuple[str, str, Any]] = []
        async with self.client.stream("GET", target, headers=headers) as answer:
            assert answer.status_code == httpx.codes.OK
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                    if kind == end:
                        return found
                    if kind != "people":
                        found.append((kind, data["key"], data["value"]))
        raise AssertionError(found)

    async def mark_end(self) -> None:
        """Tell every bench something, behind all that was told."""
        await self.hub.shared.publications.give(Published.SETTINGS, SITE, "", "IT")

    async def last(self) -> int:
        """Return the number of the newest change."""
        return (await self.hub.shared.pages.extent())[0].last

    async def silent(self, seconds: float) -> None:
        """Let the last word of every bench be so old."""
        async with self.hub.database.transaction() as connection:
            await connection.execute(
                "UPDATE presence SET beat = clock_timestamp() - %s * interval '1 second'", (seconds,)
            )


@pytest.fixture
async def docks(hub_url: str, tmp_path: Path) -> AsyncIterator[Docks]:
    """The hub and its benches."""
    async with (
        Hub(settings_for(hub_url, tmp_path)) as hub,
        httpx.AsyncClient(base_url=hub.url, trust_env=False) as client,
    ):
        for shop in (ACME, NORTH):
            await hub.shops.add(shop, shop.title(), "#336699")
        of = {ACME: (ACME,), NORTH: (NORTH,), "both": (ACME, NORTH)}
        yield Docks(hub, client, {name: await joined(hub, name, shops) for name, shops in of.items()})


async def test_what_is_open_is_told_once_however_often_it_is_said(docks: Docks) -> None:
    bench = await docks.open(ACME)
    before = await docks.last()
    await docks.open(ACME)
    assert await docks.last() == before, "a bench says it every 30 s; forty benches are not told each time"
    await docks.open(ACME, person="Ben")
    assert await docks.last() == before + 1
    await docks.mark_end()
    [(kind, key, value)] = await docks.heard("both")
    assert (kind, key) == ("presence", f"{bench}:{ACME}")
    told = (value["bench_id"], value["bench"], value["return_id"], value["person"])
    assert told == (str(bench), ACME, RETURN_ID, "Ben")
    assert datetime.fromisoformat(value["since"]) == AT


@pytest.mark.fault(227)
async def test_a_bench_that_says_nothing_for_90_seconds_has_nothing_open(docks: Docks) -> None:
    bench = await docks.open(ACME)
    await docks.silent(SILENT_SECONDS - 30)
    before = await docks.last()
    await docks.hub.shared.presence.expire()
    assert await docks.last() == before, "one beat was missed, no more"
    await docks.silent(SILENT_SECONDS + 1)
    await docks.hub.shared.presence.expire()
    await docks.mark_end()
    assert (await docks.heard("both"))[0] == ("presence", f"{bench}:{ACME}", None)
    await docks.open(ACME)
    assert await docks.last() == before + 3, "it comes back with its next word"


async def test_what_is_closed_is_told_as_gone_and_closing_twice_is_once(docks: Docks) -> None:
    bench = await docks.open(ACME)
    assert (await docks.put(ACME, PRESENCE, return_id="")).status_code == httpx.codes.OK
    before = await docks.last()
    await docks.put(ACME, PRESENCE, return_id="")
    assert await docks.last() == before
    await docks.mark_end()
    assert (await docks.heard("both"))[0] == ("presence", f"{bench}:{ACME}", None)


async def test_a_bench_that_opens_a_return_of_another_shop_is_gone_for_the_shop_before(docks: Docks) -> None:
    bench = await docks.open(ACME)
    await docks.hub.shared.presence.show(bench, Opened(NORTH, "70000002", "#2", "Ana", AT))
    await docks.mark_end()
    assert (await docks.heard(ACME))[0] == ("presence", f"{bench}:{ACME}", None)
    [(kind, key, value)] = await docks.heard(NORTH)
    assert (kind, key, value["return_id"]) == ("presence", f"{bench}:{NORTH}", "70000002")


async def test_a_bench_is_told_nothing_of_a_shop_that_is_not_its_own(docks: Docks) -> None:
    await docks.open(ACME, person="Ana of Acme")
    body = {"turn": 1, "draft": '{"note": "of Acme"}', "content": "c", "at": AT.isoformat()}
    assert (await docks.put(ACME, f"{DRAFTS}/{RETURN_ID}", **body)).status_code == httpx.codes.OK
    await docks.hub.shared.publications.give(Published.VOCABULARY, ACME, "of Acme", "IT")
    await docks.mark_end()
    assert [kind for kind, _, _ in await docks.heard(NORTH)] == []
    assert [kind for kind, _, _ in await docks.heard("both")] == ["presence", "draft", "vocabulary"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"return_id": "../drafts", "since": AT.isoformat()},
        {"return_id": RETURN_ID},
        {"return_id": RETURN_ID, "since": "2026-11-30T10:00:00"},
        {"return_id": RETURN_ID, "since": AT.isoformat(), "person": "\0"},
        {"return_id": RETURN_ID, "since": AT.isoformat(), "person": "x" * 5000},
    ],
)
async def test_what_is_of_no_form_opens_nothing(docks: Docks, wrong: dict[str, Any]) -> None:
    before = await docks.last()
    answer = await docks.put(ACME, PRESENCE, **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "malformed")
    assert await docks.last() == before


async def test_of_an_unknown_return_a_bench_of_two_shops_says_nothing(docks: Docks) -> None:
    answer = await docks.put("both", PRESENCE, return_id=RETURN_ID, since=AT.isoformat())
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_return")
