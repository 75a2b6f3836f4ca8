"""Whose return is open is said where its data stand, if the hub serves several shops; one scan finds any."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loopdesk.domain.sync import NOT_HEARD
from loopdesk.services.ports.following import HubPosition, HubShopName, ToldReturn
from tests.bench_rig import BenchRig
from tests.builders import AT, a_fetched, a_parcel, a_return

ACME, NORTH = HubShopName("acme", "Acme", "#336699"), HubShopName("north", "North Wind", "#993333")
FIRST = a_return("70000001", parcels=(a_parcel("9400100000000000000001"),))
SECOND = a_return("70000002", order_name="#2", parcels=(a_parcel("9400100000000000000002"),))


async def _told(rig: BenchRig) -> None:
    told = [
        ToldReturn(shop, ret.return_id, 1, (replace(a_fetched(ret), shop=shop),), AT, "m")
        for shop, ret in (("acme", FIRST), ("north", SECOND))
    ]
    await rig.store.hub_told.take(told, AT, HubPosition("g", {"acme": 1, "north": 1}))


@pytest.mark.parametrize(
    ("shops", "expected"),
    [
        ((ACME, NORTH), [("Acme", "#336699"), ("North Wind", "#993333")]),
        ((ACME,), [("", ""), ("", "")]),
        ((), [("", ""), ("", "")]),
    ],
)
async def test_the_open_return_says_whose_it_is_where_there_are_several_shops(
    monkeypatch: pytest.MonkeyPatch, shops: tuple[HubShopName, ...], expected: list[tuple[str, str]]
) -> None:
    rig = await BenchRig(FIRST, SECOND, known=False).open()
    await _told(rig)
    monkeypatch.setattr(rig.parts, "following", _Shops(shops))
    found = []
    for number in ("9400100000000000000001", "9400100000000000000002"):
        screen = await rig.scan(number)
        assert screen.header is not None
        found.append((screen.header.shop, screen.header.shop_colour))
    await rig.close()
    assert found == expected


class _Shops:
    """Knows the hub's shops, and follows nothing."""

    tells = True
    contact = NOT_HEARD

    def __init__(self, shops: tuple[HubShopName, ...]) -> None:
        self.shops = {each.shop_id: each for each in shops}
