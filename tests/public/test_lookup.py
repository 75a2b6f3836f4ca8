"""What a code leads to, in every case of ``cases.json``: through the labels' rules and a real store.

The returns of all cases lie in a few stores, so that most cases have more than a hundred neighbors to which
they must not lead.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from loopdesk.domain.labels.classify import classify
from loopdesk.domain.returns.returns import Return
from loopdesk.services.ports.store import ReturnCache
from tests.builders import a_parcel, a_return
from tests.full_store import fill, opened
from tests.public.cases import Case, of_type

FIRST_ID = 70_000_000
CASES = of_type("lookup")


def _what_loop_stores(case: Case) -> str:
    return json.dumps({key: value for key, value in case.input.items() if key != "scanned"}, sort_keys=True)


RETURN_IDS: dict[str, str] = {}
for _case in CASES:
    _id = _case.input.get("stored_return_id") or str(FIRST_ID + len(RETURN_IDS))
    RETURN_IDS.setdefault(_what_loop_stores(_case), str(_id))


def own_id(case: Case) -> str:
    """The id of the case's return."""
    return RETURN_IDS[_what_loop_stores(case)]


def stored(case: Case) -> Return:
    """The return as Loop stores it."""
    method = case.input.get("more", {}).get("return_method", {})
    return a_return(
        own_id(case),
        order_name=case.input.get("stored_order", f"#R{own_id(case)}"),
        order_number="",
        provider_order_id="",
        parcels=(a_parcel(case.input["stored_tracking"]),) if "stored_tracking" in case.input else (),
        rma_id=method.get("rma_id", ""),
        scannable_id=method.get("scannable_id", ""),
    )


def _texts(case: Case) -> tuple[str, ...]:
    """What the case's return may be found by, its letters and digits: each field, and each number in it."""
    keys = ("stored_tracking", "stored_order", "stored_return_id")
    fields = [str(case.input.get(key, "")).upper() for key in keys]
    whole = ["".join(filter(str.isalnum, text)) for text in fields]
    return tuple(text for text in (*whole, *re.findall(r"[^\W_]{8,}", " ".join(fields))) if text)


def _stores() -> tuple[dict[str, Return], ...]:
    """Share the returns out to stores, so that in none of them one return's number is in another's."""
    shared: list[dict[str, Return]] = []
    held: list[list[str]] = []
    for case in CASES:
        ret, own = stored(case), _texts(case)
        if any(ret.return_id in store for store in shared):
            continue
        place = next((n for n, texts in enumerate(held) if not _meet(own, texts)), len(shared))
        if place == len(shared):
            shared.append({})
            held.append([])
        shared[place][ret.return_id] = ret
        held[place] += own
    return tuple(shared)


def _meet(some: Sequence[str], others: Sequence[str]) -> bool:
    return any(one in other or other in one for one in some for other in others)


STORES = _stores()


@pytest.fixture(scope="module")
def folder_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stores that hold the returns of all cases."""
    folder = tmp_path_factory.mktemp("public")
    for place, returns in enumerate(STORES):
        asyncio.run(fill(folder / str(place), returns.values()))
    return folder


@pytest.fixture
async def returns(folder_of_all: Path, case: Case) -> AsyncIterator[ReturnCache]:
    """The store with the case's return, opened."""
    place = next(n for n, store in enumerate(STORES) if own_id(case) in store)
    async with opened(folder_of_all / str(place)) as store:
        yield store


def test_there_are_as_many_cases_as_were_found() -> None:
    assert len(CASES) == 331
    assert {case.expect for case in CASES} == {"find", "pick", "find_or_hint", "hint", "none"}
    assert len(STORES[0]) > 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id} {case.kind}")
async def test_a_code_of_a_public_report_leads_where_it_must(returns: ReturnCache, case: Case) -> None:
    meaning = classify(case.input["scanned"])
    found = {hit.return_id for hit in await returns.find(meaning.candidates)}
    own = own_id(case)
    match case.expect:
        case "find":
            assert own in found, meaning
            assert found <= {own}, meaning
        case "pick":
            assert own in found, meaning
        case "find_or_hint":
            assert own in found or meaning.hint, meaning
            assert found <= {own}, meaning
        case "hint":
            assert not found, meaning
            assert meaning.hint
        case _:
            assert own not in found, meaning
