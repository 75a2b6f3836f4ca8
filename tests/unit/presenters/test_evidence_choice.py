"""The evidence sheet is one press away where a return's history is shown, and how it went is a sentence."""

from __future__ import annotations

import errno
import os

import pytest

from loopdesk.domain.errors import DiskFull
from loopdesk.presenters.pages.evidence_choice import EvidenceShown
from loopdesk.presenters.words import errors
from tests import builders
from tests.unit.presenters.rig import Evidence, a_rig
from tests.unit.presenters.test_finished import a_page, finish
from tests.unit.presenters.test_queue import a_queue, kept, unfolded

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
FILE = "/profile/evidence/return-r1.pdf"
LOST = "Photos missing from it, because their files are gone or damaged:"


@pytest.mark.parametrize(
    ("said", "message", "tone"),
    [
        (EvidenceShown(FILE), f"The evidence of #1 is open, and saved as {FILE}", "plain"),
        (
            EvidenceShown(FILE, is_open=False),
            f"The evidence of #1 is saved as {FILE}, but nothing here opens it.",
            "plain",
        ),
        (
            EvidenceShown(FILE, lost=2),
            f"{LOST} 2. The evidence of #1 is open, and saved as {FILE}",
            "offline",
        ),
        (None, "This station knows no return r1.", "blocked"),
        (FULL, f"The sheet was not saved: {FULL.strerror}.", "blocked"),
        (OSError("cannot write it"), "The sheet was not saved: cannot write it.", "blocked"),
        (DiskFull(), errors.told(DiskFull()), "blocked"),
    ],
)
async def test_how_the_sheet_went_is_said(
    said: EvidenceShown | Exception | None, message: str, tone: str
) -> None:
    async with a_rig() as rig:
        await finish(rig, 1)
        evidence = Evidence(said)
        presenter, surface = a_page(rig, evidence=evidence)
        presenter.show()
        await rig.settle()
        presenter.choose("evidence")
        await rig.settle()
        assert evidence.asked == ["r1"]
        assert (surface.last().message, surface.last().message_tone) == (message, tone)


async def test_while_a_sheet_is_written_the_page_says_so_and_a_second_press_writes_no_other() -> None:
    async with a_rig() as rig:
        await finish(rig, 1)
        evidence = Evidence(EvidenceShown(FILE))
        evidence.may_end.clear()
        presenter, surface = a_page(rig, evidence=evidence)
        presenter.show()
        await rig.settle()
        for _ in range(2):
            presenter.choose("evidence")
            await rig.settle()
        assert surface.last().message == "The evidence of #1 is being written."
        assert evidence.asked == ["r1"]
        evidence.may_end.set()
        await rig.settle()
        presenter.choose("evidence")
        await rig.settle()
        assert evidence.asked == ["r1", "r1"]


async def test_the_queue_offers_it_for_a_return_and_for_a_call_of_it() -> None:
    async with a_rig() as rig:
        evidence = Evidence(FULL)
        presenter, surface, _ = a_queue(rig, evidence=evidence)
        entries = await kept(rig)
        await unfolded(rig, presenter)
        for key in (builders.RETURN_ID, entries[0].entry_id):
            presenter.select(key)
            await rig.settle()
            assert "evidence" in [x.intent for x in surface.last().choices]
            presenter.choose("evidence")
            await rig.settle()
            assert surface.last().message == f"The sheet was not saved: {FULL.strerror}."
            assert surface.last().message_tone == "blocked"
        assert evidence.asked == [builders.RETURN_ID] * 2
