"""Scans that come faster than Loop answers are all kept, whole and in order, and the window answers."""

from __future__ import annotations

import asyncio
import time

from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios.desk import Desk
from tests.scenarios.heartbeat import Heartbeat
from tests.simulator_thread import SimulatorThread
from tests.ui import keys

ANSWER_SECONDS = 2.0
EVERY_SECONDS = 0.1
NOT_LISTED = "label_pending"
"""Its carrier has not made the label yet: nobody knows the number."""

KNOWN = tuple(
    dict.fromkeys(x.tracking_number for x in SAMPLES.values() if x.tracking_number and x.name != NOT_LISTED)
)[:25]
UNKNOWN = tuple(ups(8_000_000 + number) for number in range(25))
CODES = tuple(code for pair in zip(KNOWN, UNKNOWN, strict=True) for code in pair)


async def _scan_all(desk: Desk) -> float:
    """Scan every label, ten a second. Returns how many seconds it took.

    The keys carry the scanner's own times, as from the system's queue: they hold however late this
    process comes to send them.
    """
    began = time.perf_counter()
    for place, code in enumerate(CODES, 1):
        await desk.hand.do(lambda c=code: keys.scan(desk.session.window, c, gap_ms=2))  # type: ignore[misc]
        await asyncio.sleep(max(0.0, began + place * EVERY_SECONDS - time.perf_counter()))
    return time.perf_counter() - began


async def _kept(desk: Desk) -> list[str]:
    return [str(row.detail["raw"]) for row in await desk.runtime.store.audit.rows("scan")]


def test_fifty_labels_at_ten_a_second_are_all_kept_whole_and_in_order(
    desk: Desk, shop: SimulatorThread
) -> None:
    assert len(set(CODES)) == 50
    figures: list[str] = []

    async def body() -> None:
        await desk.synced()
        shop.fault("slow", seconds=ANSWER_SECONDS)
        with Heartbeat() as heart:
            seconds = await _scan_all(desk)
            await desk.at_rest()
            kept = await _kept(desk)
        figures.append(f"{len(CODES)} scans in {seconds:.1f} s; {heart.said()}")
        assert kept == list(CODES)
        waited = sum(gap >= ANSWER_SECONDS for gap in heart.gaps)
        assert waited < len(UNKNOWN) / 2, "the window waited for Loop's answers"
        await desk.hand.until(
            "the last answer", lambda: not any("ask loop" in x for x in desk.program.parts.tasks.names), 120
        )
        await desk.at_rest()
        records = await desk.runtime.store.mysteries.all()
        assert sorted(x.code for x in records) == sorted(UNKNOWN[:-1]), "what was passed by is not lost"
        assert desk.screen.prompt is not None, "the last one is still before the operator"
        assert await _kept(desk) == list(CODES)
        assert await desk.runtime.store.audit.verify() is None

    desk.play(body)

    print("\n" + figures[0])  # noqa: T201 - the figure is what one reads
    assert shop.requests("POST") == []


def test_the_last_scan_stays_on_screen_when_an_older_answer_comes_late(
    desk: Desk, shop: SimulatorThread
) -> None:
    late = "EX99999"
    last = SAMPLES["single"]

    async def body() -> None:
        await desk.synced()
        shop.act("add_return", spec={"return_id": "97000001", "order_name": late})
        shop.fault("slow", seconds=ANSWER_SECONDS)
        await desk.hand.scan(late)
        await desk.at_rest()
        await desk.open(last)
        await desk.hand.until(
            "the late answer", lambda: not any("ask loop" in x for x in desk.program.parts.tasks.names), 60
        )
        await desk.at_rest()
        await desk.shown(last)
        assert await _kept(desk) == [late, last.tracking_number]
        assert await desk.runtime.store.mysteries.all() == (), "it was found: nothing is a mystery"

    desk.play(body)
