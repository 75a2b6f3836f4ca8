"""Claims end by what the hub reads anyway, by webhooks, and by a lead's word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import LoopSettings
from tests.hub.ledger_rig import Dock, new_entry, outcome, quick_loop, return_ids, rows_of, write
from tests.hub.running import joined, settings_for, until
from tests.hub.test_commands import It
from tests.simulator_thread import SimulatorThread

NEVER = "UPDATE return_claim SET look_at = clock_timestamp() + interval '1 day'"
ENDED = "SELECT ended_as FROM return_claim"


@pytest.fixture
async def hub(hub_url: str, tmp_path: Path) -> AsyncIterator[tuple[Hub, SimulatorThread, Dock]]:
    """A hub whose sweep does not look at the return that a bench has just settled."""
    with quick_loop(2) as simulator:
        settings = settings_for(hub_url, tmp_path).model_copy(
            update={"loop": LoopSettings(url=simulator.url)}
        )
        async with Hub(settings) as running:
            await running.shops.add("main", "Main", "#335577")
            await running.shops.give_key("main", simulator.key)
            dock = Dock(await joined(running), "Ada")
            told = await dock.act(running.url, return_ids(simulator)[0], f"{new_entry()}.1")
            assert outcome(told) == "loop"
            write(hub_url, NEVER)
            simulator.loop.advance(5.0)
            yield running, simulator, dock
            await dock.client.aclose()


async def _ends(url: str) -> str:
    await until(lambda: rows_of(url, ENDED) != [(None,)])
    [(ended,)] = rows_of(url, ENDED)
    return str(ended)


async def _read(hub: Hub, dock: Dock, path: str, **query: str) -> None:
    headers = {"X-Authorization": dock.token, "X-Loopdesk-Priority": "0", "Cache-Control": "no-cache"}
    told = await dock.client.get(f"{hub.url}/api/v1/warehouse/return/{path}", params=query, headers=headers)
    assert told.status_code == 200, told.text


@pytest.mark.fault(208)
@pytest.mark.parametrize("by", ["details", "list"])
async def test_a_claim_ends_by_what_another_bench_reads(
    hub: tuple[Hub, SimulatorThread, Dock], hub_url: str, by: str
) -> None:
    running, simulator, _ = hub
    other = Dock(await joined(running, "Dock 2"), "Bo")
    if by == "details":
        await _read(running, other, "details", return_id=return_ids(simulator)[0])
    else:
        until = simulator.loop.now() + timedelta(days=1)
        begin, end = (f"{at:%Y-%m-%d %H:%M:%S}" for at in (until - timedelta(days=9), until))
        window = {"from": begin, "to": end, "filter": "updated_at"}
        await _read(running, other, "list", **window)
    assert await _ends(hub_url) == "effect"
    await other.client.aclose()


async def test_a_claim_ends_by_what_the_index_reads(
    hub: tuple[Hub, SimulatorThread, Dock], hub_url: str
) -> None:
    running, simulator, _ = hub
    await running.claims.shown("main", {return_ids(simulator)[0]: ReturnState.CLOSED})
    assert await _ends(hub_url) == "effect"


async def test_a_return_that_is_shown_open_leaves_its_claim_alone(
    hub: tuple[Hub, SimulatorThread, Dock], hub_url: str
) -> None:
    running, simulator, _ = hub
    before = rows_of(hub_url, "SELECT * FROM return_claim")
    await running.claims.shown("main", {return_ids(simulator)[0]: ReturnState.OPEN})
    assert rows_of(hub_url, "SELECT * FROM return_claim") == before


async def test_a_webhook_lets_the_sweep_look_at_a_claimed_return_at_once(
    hub: tuple[Hub, SimulatorThread, Dock], hub_url: str
) -> None:
    running, simulator, _ = hub
    async with running.database.transaction() as connection:
        await running._changed(connection, "main", return_ids(simulator)[0])
    assert await _ends(hub_url) == "effect"


async def test_a_webhook_about_a_return_that_is_decided_about_right_now_waits_for_nobody(
    hub: tuple[Hub, SimulatorThread, Dock],
) -> None:
    running, simulator, _ = hub
    return_id = return_ids(simulator)[0]
    async with running.database.transaction() as deciding:
        await deciding.execute(b"SELECT FROM return_claim FOR UPDATE")
        async with running.database.transaction() as connection:
            await running.ledger.look_soon(connection, "main", return_id)


# --- a lead's word ---------------------------------------------------------------------------------------


@pytest.fixture
def it(hub_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> It:
    """IT, before a database with one claim."""
    file = tmp_path / "hub.toml"
    file.write_text(f'[database]\nurl = "{hub_url}"\n', "utf-8")
    write(
        hub_url,
        "INSERT INTO shop (id, name, colour) VALUES ('main', 'Main', '#357357'), ('other', 'Two', '#753753')",
        "INSERT INTO bench (name) VALUES ('Dock 1')",
        "INSERT INTO return_claim (shop_id, return_id, entry_id, bench_id, station, person, kind, taken_at,"
        " look_at) SELECT 'main', '95000001', repeat('a', 32), id, 'Dock 1', 'Ada', 'process',"
        " clock_timestamp(), clock_timestamp() + interval '1 day' FROM bench",
    )
    return It(file, capsys)


def test_claims_are_listed_with_who_has_them(it: It, hub_url: str) -> None:
    assert it.types("claims", "list") == 0
    assert all(word in it.said for word in ("main", "95000001", "process", "Dock 1, Ada"))
    assert "waits for a person" not in it.said
    write(hub_url, "UPDATE return_claim SET stale_at = clock_timestamp()")
    assert it.types("claims", "list") == 0
    assert "waits for a person" in it.said
    write(hub_url, "DELETE FROM return_claim")
    assert it.types("claims", "list") == 0
    assert "No return is claimed." in it.said


def test_a_lead_ends_a_claim_that_waits_for_a_person_and_no_other(it: It, hub_url: str) -> None:
    ends = ("claims", "end", "main", "95000001", "--by", "Lea")
    assert it.types(*ends) == 1
    assert "may still be at work" in it.said
    write(hub_url, "UPDATE return_claim SET stale_at = clock_timestamp()")
    assert it.types("claims", "end", "main", "95000001", "--by", " ") == 1
    assert it.types("claims", "end", "other", "95000001", "--by", "Lea") == 1
    assert it.types(*ends) == 0, it.said
    assert rows_of(hub_url, "SELECT ended_as, ended_by FROM return_claim") == [("taken_over", "Lea")]
    assert it.types(*ends) == 1
    assert "Nobody finishes" in it.said


@pytest.mark.expects_log("return_shop_chosen")
def test_a_lead_says_of_which_shop_a_number_is(it: It, hub_url: str) -> None:
    assert it.types("return", "doubles") == 0
    assert "No two shops" in it.said
    write(hub_url, "INSERT INTO return_home (return_id, shop_id) VALUES ('7', 'main'), ('8', 'main')")
    choose = ("return", "choose", "7", "other", "--by", "Lea")
    assert it.types(*choose) == 1, "it is in one shop only"
    write(hub_url, "INSERT INTO return_home (return_id, shop_id) VALUES ('7', 'other')")
    assert it.types("return", "doubles") == 0
    assert "nobody has said" in it.said
    assert it.types(*choose) == 0, it.said
    assert it.types("return", "doubles") == 0
    assert "other is meant, says Lea" in it.said
    assert "8" not in it.said.split()
    assert rows_of(hub_url, "SELECT shop_id, chosen_by FROM return_home_choice") == [("other", "Lea")]
