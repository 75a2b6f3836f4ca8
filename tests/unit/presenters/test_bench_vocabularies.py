"""By which vocabulary a return is inspected: its shop's, and the one by which it was opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from loopdesk.domain.publishing import SITE
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.vocabularies import Vocabularies
from tests.bench_rig import VOCABULARY, BenchRig
from tests.builders import AT, a_fetched, a_parcel, a_return, lines

UPS, OTHER_UPS = "1Z999AA10123456784", "1Z12345E0205271688"


def labelled(label: str) -> Vocabulary:
    """Return a vocabulary whose first grade has this label."""
    return replace(VOCABULARY, grades=(replace(VOCABULARY.grades[0], label=label), *VOCABULARY.grades[1:]))


def first_grade(rig: BenchRig) -> str:
    """Return what the first grade's button says."""
    assert rig.screen.item is not None
    return rig.screen.item.grades[0].text


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(
        a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2)),
        a_return("91000124", parcels=(a_parcel(OTHER_UPS),), lines=lines(2)),
    )
    yield await made.open()
    await made.close()


async def test_another_vocabulary_counts_from_the_next_return_on_never_under_somebodys_hand(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS)
    before = first_grade(rig)
    rig.work_by(labelled("Mint"))
    await rig.press("next_line", "grade_a")
    await rig.scan(UPS)
    assert first_grade(rig) == before
    await rig.scan(OTHER_UPS)
    assert first_grade(rig) == "Mint"
    await rig.scan(UPS)  # put aside, and opened again
    assert first_grade(rig) == "Mint"


async def test_each_return_is_inspected_by_its_shops_vocabulary(rig: BenchRig) -> None:
    given = {SITE: labelled("Site"), "acme": labelled("Acme")}
    rig.parts.vocabularies.now = Vocabularies(VOCABULARY, given=given)
    acme = a_return("91000123", parcels=(a_parcel(UPS),), lines=lines(2))
    await rig.store.returns.save((replace(a_fetched(acme), shop="acme"),), AT)
    await rig.scan(UPS)
    assert first_grade(rig) == "Acme"
    await rig.scan(OTHER_UPS)
    assert first_grade(rig) == "Site"


def test_a_file_of_the_benchs_own_goes_before_what_the_hub_gives() -> None:
    given = {SITE: labelled("Site"), "acme": labelled("Acme")}
    assert Vocabularies(VOCABULARY, is_own=True, given=given).of("acme") is VOCABULARY
    assert Vocabularies(VOCABULARY, given=given).of("other") is given[SITE]
    assert Vocabularies(VOCABULARY, given={"acme": given["acme"]}).of("") is VOCABULARY
