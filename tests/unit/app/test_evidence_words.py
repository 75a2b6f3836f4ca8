"""The evidence sheet names what was decided as the return's own shop does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

import pytest

from loopdesk.app.evidence import sheet_of
from loopdesk.app.runtime import Options, Runtime, open_profile, open_runtime
from loopdesk.app.sharing import vocabularies_of
from loopdesk.domain.publishing import Published, mark_of
from loopdesk.services.ports.publishing import GivenVersion
from loopdesk.services.ports.store import Known, Stored
from loopdesk.ui.assets import resource_root
from tests.builders import AT, RETURN_ID, a_draft, a_return, an_inspection
from tests.fakes.key_store import KeyStore


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    """A profile of a bench with a hub."""
    options = Options(profile=str(tmp_path / "profile"), values={"hub.used": "true"})
    profile = open_profile(options, {})
    found = await open_runtime(profile, options, {}, key_store=KeyStore)
    yield found
    await found.close()


async def _give(runtime: Runtime, shop: str, text: str, seq: int) -> None:
    given = GivenVersion(Published.VOCABULARY, shop, 1, mark_of(text), text, "Ivo", AT.isoformat())
    assert await runtime.store.given.put(given, seq)


@pytest.mark.parametrize(("shop", "grade"), [("shoes", "Mint"), ("other", "A"), ("", "A")])
async def test_what_was_decided_is_named_as_the_returns_own_shop_does(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, shop: str, grade: str
) -> None:
    shipped = (resource_root() / "vocab" / "default.toml").read_text("utf-8")
    await runtime.store.shares.turn(on=True)
    await _give(runtime, "shoes", shipped.replace('label = "A"', 'label = "Mint"', 1), 1)
    await _give(runtime, "other", "grades = 7", 2)  # a later version could read it
    draft = a_draft(inspections=(an_inspection(),))

    async def known(return_id: str) -> Known:
        assert return_id == RETURN_ID
        return Known(Stored(a_return(), AT, has_details=True, shop=shop), draft, (), (), (), (draft,))

    monkeypatch.setattr(runtime.store.openings, "known", known)
    words = await vocabularies_of(runtime)
    sheet = await sheet_of(runtime, RETURN_ID, vocabularies=words, zone=UTC, station="dock 1")
    assert sheet is not None
    assert ("Mint" in repr(sheet)) is (grade == "Mint")
