"""Joining a hub: what is asked, what is refused, and what becomes of a queue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopdesk.domain.errors import HubNotJoined
from loopdesk.domain.hub_join import JoinCode
from loopdesk.domain.operators import Operator, Role
from loopdesk.domain.outbox.actions import Kind
from loopdesk.services.outbox.joining import Joining
from loopdesk.services.outbox.key_binding import SAME_SHOP
from loopdesk.services.ports.hub import HubShop, JoinedHub
from tests.unit.services.outbox_rig import Rig

CODE = JoinCode("https://hub.example:8443", bytes(range(16)), bytes(range(32)))
AT_LOOP = "0123456789abcdef@api.loopreturns.com"
AT_HUB = "feedfeedfeedfeed@hub.example"


class Door:
    """A hub's door that holds these shops' keys."""

    def __init__(self, *fingerprints: str) -> None:
        self.shops = tuple(HubShop(f"shop {n}", x) for n, x in enumerate(fingerprints, 1))
        self.redeemed: list[tuple[JoinCode, str]] = []

    async def redeem(self, code: JoinCode, bench: str) -> JoinedHub:
        """Redeem it."""
        self.redeemed.append((code, bench))
        return JoinedHub(code.url, "token", "Dock 3", self.shops)


class Bench:
    """A bench at Loop that is about to join."""

    def __init__(self, door: Door, *, may_move: bool = True, **person: Any) -> None:
        self.rig = Rig()
        self.rig.station = replace(
            self.rig.station, key_fingerprint=AT_LOOP, operator=Operator(name="Lee", **person)
        )
        self.taken: list[JoinedHub] = []
        self.joining = Joining(
            door=door,
            outbox=self.rig.outbox,
            audit=self.rig.audit,
            keys=self.rig.keys,
            clock=self.rig.clock,
            station=lambda: self.rig.station,
            may_move=lambda: may_move,
            take=self._take,
        )

    async def _take(self, joined: JoinedHub) -> bool:
        self.taken.append(joined)
        self.rig.station = replace(self.rig.station, key_fingerprint=AT_HUB)
        return True

    async def refused(self, text: str = CODE.text()) -> str:
        """Return why it was not joined."""
        with pytest.raises(HubNotJoined) as failure:
            await self.joining.join(text)
        assert self.taken == []
        return failure.value.why


async def test_a_bench_without_a_queue_joins_and_it_is_audited() -> None:
    door = Door("aaaaaaaaaaaaaaaa")
    bench = Bench(door)
    joined, is_stored = await bench.joining.join(CODE.text().lower())
    assert (joined.bench, is_stored) == ("Dock 3", True)
    assert door.redeemed == [(CODE, bench.rig.station.station)]
    (row,) = await bench.rig.audit.rows("hub_joined", 10)
    assert (row.operator.name, row.detail["address"]) == ("Lee", "https://hub.example:8443")
    assert "token" not in str(row.detail)


async def test_what_waits_goes_through_the_hub_once_it_has_proven_to_hold_the_same_shops_key() -> None:
    bench = Bench(Door("ffffffffffffffff", "0123456789abcdef"))
    (entry,) = await bench.rig.keep(Kind.NOTE, key_fingerprint=AT_LOOP)
    await bench.joining.join(CODE.text())
    assert bench.rig.keys.fits(bench.rig.now(entry))
    assert bench.rig.connection.state.foreign_keys == frozenset()
    (row,) = await bench.rig.audit.rows(SAME_SHOP, 10)
    assert (row.operator.name, row.detail) == ("Lee", {"made_with": AT_LOOP, "in_use": AT_HUB})


async def test_what_waits_for_another_shop_goes_out_first() -> None:
    bench = Bench(Door("ffffffffffffffff"))
    (entry,) = await bench.rig.keep(Kind.NOTE, key_fingerprint=AT_LOOP)
    assert await bench.refused() == "join_queue"
    assert bench.rig.keys.fits(bench.rig.now(entry)), "it still goes to Loop"
    assert await bench.rig.audit.rows(SAME_SHOP, 10) == ()


async def test_with_a_queue_only_a_lead_may_join_and_the_code_stays_good() -> None:
    door = Door("0123456789abcdef")
    bench = Bench(door, role=Role.OPERATOR)
    await bench.rig.keep(Kind.NOTE, key_fingerprint=AT_LOOP)
    assert await bench.refused() == "join_lead"
    assert door.redeemed == []


async def test_a_bench_of_the_hub_that_joins_it_again_takes_its_queue_along() -> None:
    bench = Bench(Door("0123456789abcdef"), role=Role.OPERATOR)
    (entry,) = await bench.rig.keep(Kind.NOTE, key_fingerprint="0000000000000000@hub.example")
    await bench.joining.join(CODE.text())
    assert bench.rig.keys.fits(bench.rig.now(entry))


async def test_an_address_that_it_has_set_is_not_changed_by_a_code() -> None:
    door = Door()
    assert await Bench(door, may_move=False).refused() == "join_locked"
    assert door.redeemed == []


@pytest.mark.parametrize(
    ("text", "why"),
    [("123", "join_foreign"), (CODE.text()[:-2], "join_damaged"), ("LOOPDESK-HUB-9-AA", "join_newer")],
)
async def test_a_text_that_is_no_whole_code_asks_nobody(text: str, why: str) -> None:
    door = Door()
    assert await Bench(door).refused(text) == why
    assert door.redeemed == []
