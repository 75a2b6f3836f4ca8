"""A code that another keyboard garbled leads to its own return or to none: never to a neighbor's.

Against the real store, full of order names and numbers that differ by a digit, a letter or a sign.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from loopdesk.domain.returns.returns import Return
from loopdesk.services.ports.store import ReturnCache
from tests.builders import a_parcel, a_return
from tests.corpus.keyboards import THROUGH
from tests.corpus.mishaps import similar
from tests.full_store import fill, opened, owners_found

FIRST_ID = 70_000_000
SERIALS = range(1160, 1240)
ORDERS = tuple(
    form.format(n)
    for n in SERIALS
    for form in ("#{}", "EX-{}", "EX_{}B", "WH/OUT/{:05}", "2024/{}", "AZ#{}", "QW-{}-M", "YZ.{}", "{}-US")
)
UNKNOWN_ORDERS = tuple(
    form.format(n) for n in range(1240, 1260) for form in ("#{}", "EX-{}", "WH/OUT/{:05}", "QW-{}-M", "YZ.{}")
)
NUMBERS = tuple(number for numbers in similar(SERIALS).values() for number in numbers)
OWNERS = {text: str(FIRST_ID + place) for place, text in enumerate((*ORDERS, *NUMBERS))}
SAMPLE = 150


def _all() -> Iterator[Return]:
    for name in ORDERS:
        yield a_return(OWNERS[name], order_name=name, provider_order_id="", parcels=())
    for number in NUMBERS:
        yield a_return(OWNERS[number], order_name="", provider_order_id="", parcels=(a_parcel(number),))


@pytest.fixture(scope="module")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of two thousand returns with similar names and numbers."""
    folder = tmp_path_factory.mktemp("garbled")
    asyncio.run(fill(folder, _all()))
    return folder


@pytest.fixture
async def full_returns(full_folder: Path) -> AsyncIterator[ReturnCache]:
    """That store, opened."""
    async with opened(full_folder) as store:
        yield store


@pytest.mark.fault(93)
@pytest.mark.parametrize("layout", THROUGH)
async def test_what_another_keyboard_made_of_a_code_leads_to_its_own_return_or_to_none(
    full_returns: ReturnCache, layout: str
) -> None:
    chance = random.Random(layout)
    tried = found_own = 0
    for text in chance.sample(sorted(OWNERS), SAMPLE):
        garbled = text.translate(THROUGH[layout])
        if garbled in OWNERS:
            continue
        found = await owners_found(full_returns, garbled)
        assert found <= {OWNERS[text]}, (text, garbled)
        tried, found_own = tried + 1, found_own + bool(found)
    assert found_own > tried / 3, (found_own, tried)


@pytest.mark.fault(93)
@pytest.mark.parametrize("layout", THROUGH)
async def test_a_garbled_code_of_an_unknown_return_leads_to_none(
    full_returns: ReturnCache, layout: str
) -> None:
    for text in UNKNOWN_ORDERS:
        assert await owners_found(full_returns, text.translate(THROUGH[layout])) == set(), text


async def test_a_sound_code_of_an_unknown_return_is_not_taken_for_a_garbled_one(
    full_returns: ReturnCache,
) -> None:
    """Another letter, another sign: what a shop may as well print leads nowhere by a guess of letters."""
    for known in ("QW-1170-M", "YZ.1170", "AZ#1170", "EX-1170"):
        for other in (known.replace("Q", "A"), known.replace("Z", "Y"), known.replace("Y", "Z"), f"{known}1"):
            if other not in OWNERS:
                assert await owners_found(full_returns, other) == set(), (known, other)
