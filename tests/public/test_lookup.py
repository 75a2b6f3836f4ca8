"""What a code leads to, in every case of ``cases.json``: through the labels' rules and a real store.

All returns of all cases lie in one store, so that each case has some two hundred neighbors that it must
not lead to.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from loopdesk.domain.labels import classify
from loopdesk.domain.returns import Return
from loopdesk.services.store_ports import ReturnCache
from loopdesk.store.store import open_store
from tests.builders import AT, a_fetched, a_parcel, a_return, rebuild
from tests.public.cases import Case, of_type

FIRST_ID = 70_000_000
CASES = of_type("lookup")


def _what_loop_stores(case: Case) -> str:
    return json.dumps({key: value for key, value in case.input.items() if key != "scanned"}, sort_keys=True)


RETURN_IDS: dict[str, str] = {}
for _case in CASES:
    _id = _case.input.get("stored_return_id") or str(FIRST_ID + len(RETURN_IDS))
    RETURN_IDS.setdefault(_what_loop_stores(_case), str(_id))


def stored(case: Case) -> Return:
    """The return as Loop stores it."""
    return_id, method = (
        RETURN_IDS[_what_loop_stores(case)],
        case.input.get("more", {}).get("return_method", {}),
    )
    return a_return(
        return_id,
        order_name=case.input.get("stored_order", f"#R{return_id}"),
        order_number="",
        provider_order_id="",
        parcels=(a_parcel(case.input["stored_tracking"]),) if "stored_tracking" in case.input else (),
        rma_id=method.get("rma_id", ""),
        scannable_id=method.get("scannable_id", ""),
    )


async def _fill(folder: Path) -> None:
    store = await open_store(folder, rebuild)
    try:
        returns = {RETURN_IDS[_what_loop_stores(case)]: stored(case) for case in CASES}
        await store.returns.save([a_fetched(ret) for ret in returns.values()], AT)
    finally:
        await store.close()


@pytest.fixture(scope="module")
def folder_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds the returns of all cases."""
    folder = tmp_path_factory.mktemp("public")
    asyncio.run(_fill(folder))
    return folder


@pytest.fixture
async def returns(folder_of_all: Path) -> AsyncIterator[ReturnCache]:
    """That store, opened."""
    store = await open_store(folder_of_all, rebuild)
    yield store.returns
    await store.close()


def _same_in_loop() -> dict[str, set[str]]:
    """Returns that store the very same thing, in other spelling: a code may lead to any of them."""
    shared = defaultdict(set)
    for case in CASES:
        for key in ("stored_tracking", "stored_order"):
            text = "".join(filter(str.isalnum, str(case.input.get(key, "")).upper()))
            shared[text].add(RETURN_IDS[_what_loop_stores(case)])
    return {return_id: set(ids) for text, ids in shared.items() if text for return_id in ids}


SAME = _same_in_loop()


NOT_YET = {
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
    30,
    31,
    32,
    33,
    34,
    35,
    36,
    37,
    38,
    39,
    40,
    41,
    42,
    43,
    44,
    46,
    157,
    159,
    160,
    162,
    227,
    240,
    241,
    249,
    270,
    280,
    282,
    291,
    297,
    298,
    316,
}
"""Cases that do not come out right yet; each must fail until it does."""


def _parameter(case: Case) -> ParameterSet:
    marks = [pytest.mark.xfail(strict=True)] if int(case.id[-3:]) in NOT_YET else []
    return pytest.param(case, id=f"{case.id} {case.kind}", marks=marks)


def test_there_are_as_many_cases_as_were_found() -> None:
    assert len(CASES) == 331
    assert {case.expect for case in CASES} == {"find", "pick", "find_or_hint", "hint", "none"}


@pytest.mark.parametrize("case", [_parameter(case) for case in CASES])
async def test_a_code_of_a_public_report_leads_where_it_must(returns: ReturnCache, case: Case) -> None:
    meaning = classify(case.input["scanned"])
    found = {hit.return_id for hit in await returns.find(meaning.candidates)}
    own = RETURN_IDS[_what_loop_stores(case)]
    allowed = SAME.get(own, set()) | {own}
    match case.expect:
        case "find":
            assert own in found, meaning
            assert found <= allowed, meaning
        case "pick":
            assert own in found, meaning
        case "find_or_hint":
            assert own in found or meaning.hint, meaning
            assert found <= allowed, meaning
        case "hint":
            assert not found, meaning
            assert meaning.hint
        case _:
            assert own not in found, meaning
