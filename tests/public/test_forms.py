"""Numbers of some ninety carriers, as bars, people and links give them, each lead to their own return."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopdesk.domain.labels.classify import classify
from loopdesk.services.ports.store import ReturnCache
from tests.full_store import fill, opened, owned
from tests.public.forms import FORMS, SOURCES, Form

FIRST_ID = 70_000_000
NUMBERS = tuple(dict.fromkeys(form.number for form in FORMS))
OWNERS = {number: str(FIRST_ID + place) for place, number in enumerate(NUMBERS)}


@pytest.fixture(scope="module")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds a return of each carrier."""
    folder = tmp_path_factory.mktemp("forms")
    asyncio.run(fill(folder, (owned(owner, number) for number, owner in OWNERS.items())))
    return folder


@pytest.fixture
async def full_returns(full_folder: Path) -> AsyncIterator[ReturnCache]:
    """That store, opened."""
    async with opened(full_folder) as store:
        yield store


def test_the_forms_are_many_and_each_has_its_source() -> None:
    assert len({scan for form in FORMS for scan in form.scans()}) >= 300
    assert {form.source for form in FORMS} == set(SOURCES)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.carrier} {form.number}")
async def test_every_form_of_a_number_leads_to_its_return_and_to_no_other(
    full_returns: ReturnCache, form: Form
) -> None:
    found = {
        scan: {hit.return_id for hit in await full_returns.find(classify(scan).candidates)}
        for scan in form.scans()
    }
    wrong = {scan: ids for scan, ids in found.items() if ids != {OWNERS[form.number]}}
    assert not wrong
