"""How many requests an unknown code may cost."""

from __future__ import annotations

from typing import Any, cast

from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.services.bench.lookup import MOST_QUESTIONS, Lookup
from loopdesk.services.ports.loop import Fetched, ReadingGateway
from loopdesk.services.station.events import Feed
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected
from tests.fakes.memory_returns import MemoryReturns


class Nothing:
    """Loop that knows no return; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def details_by_order_name(self, order_name: str, **_: Any) -> tuple[Fetched, ...]:
        self.asked.append(order_name)
        return ()


async def test_an_order_is_one_question_whether_with_or_without_its_sign() -> None:
    loop = Nothing()
    lookup = Lookup(
        cache=MemoryReturns(),
        gateway=cast("ReadingGateway", loop),
        clock=HandClock(),
        feed=Feed(unexpected),
        newest=(),
        synced_at=lambda: None,
        stations=lambda: 1,
        observe=cast("Any", None),
        openings=cast("Any", None),
    )
    candidates = classify("#EX-1164", order_prefixes=("EX-",)).candidates
    names = [x.code for x in candidates if x.kind is CandidateKind.ORDER_NAME]
    assert len(names) > len({name.lstrip("#").casefold() for name in names})
    await lookup.ask_loop([x for x in candidates if x.kind is CandidateKind.ORDER_NAME])
    bare = [name.lstrip("#").casefold() for name in loop.asked]
    assert len(bare) == len(set(bare)) <= MOST_QUESTIONS
    assert bare[0] == names[0].lstrip("#").casefold()
