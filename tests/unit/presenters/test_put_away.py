"""Where the goods go: said by the band and by the line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from loopdesk.domain.returns.places import PlaceRule, Places
from tests.bench_rig import VOCABULARY, BenchRig
from tests.builders import a_line, a_money, a_parcel, a_return

UPS = "1Z999AA10123456784"
PLACES = Places(
    (
        PlaceRule("tote 14", "back_to_stock"),
        PlaceRule("safe", "back_to_stock", price_from=Decimal(200)),
        PlaceRule("bin 3", "recycle"),
    )
)


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(
        a_return(
            parcels=(a_parcel(UPS),),
            lines=(
                a_line("30000001", title="Trail Socks", price=a_money("12.00")),
                a_line("30000002", title="Watch", price=a_money("400.00")),
            ),
        )
    )
    made.parts.inspection.vocabulary = replace(VOCABULARY, places=PLACES)
    yield await made.open()
    await made.close()


async def test_a_grade_says_the_place_on_the_band_and_on_the_line(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("grade_a")
    assert screen.band.sentence.endswith("→ Back to stock · tote 14")
    assert screen.lines[0].decided_detail == "Back to stock · tote 14"
    screen = await rig.press("grade_a")
    assert screen.band.sentence.endswith("→ Back to stock · safe")
    assert screen.lines[1].decided_detail == "Back to stock · safe"


async def test_another_disposition_says_its_own_place(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    rig.bench.select_line(0)
    screen = await rig.press("disposition_recycle")
    assert screen.band.word == "Recycle"
    assert screen.band.sentence.endswith("→ bin 3")
    assert screen.item is not None
    assert [x.text for x in screen.item.dispositions] == [
        "Back to stock · tote 14",
        "Hold for resale",
        "Recycle · bin 3",
        "Donate",
    ]


async def test_lines_that_go_to_different_places_are_told_each_place_once(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("rest_a")
    assert screen.band.sentence == "2 lines → Back to stock · tote 14 · safe"


async def test_what_is_missing_goes_nowhere(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("grade_missing")
    assert "→" not in screen.band.sentence
