"""API keys as people and scripts enter them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.api_key import KeyFault, key_fault, pasted_key

KEY = "sk_0123456789abcdefABCDEF+/="


@pytest.mark.fault(172)
@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"{KEY}\n",
        f"{KEY}\r\n",
        f"  {KEY}\t",
        f"\ufeff{KEY}",
        f"\u200b{KEY}\xa0",
        f'"{KEY}"',
        f"'{KEY}'\r\n",
        f"“{KEY}”",
        f"«{KEY}»",
        f"`{KEY}`",
        f"Bearer {KEY}",
        f"bearer  {KEY}",
        f'"Bearer {KEY}"',
        f"X-Authorization: {KEY}",
        f"Authorization: Bearer {KEY}",
        f"LOOPDESK_API_KEY={KEY}",
        f"export LOOPDESK_API_KEY='{KEY}'",
        f'$env:LOOPDESK_API_KEY = "{KEY}"',
        f"API key: {KEY}",
    ],
)
def test_what_pasting_brings_along_is_taken_off(text: str) -> None:
    assert pasted_key(text) == KEY
    assert key_fault(text) is None


@pytest.mark.fault(172)
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", KeyFault.EMPTY),
        (" \ufeff'' \r\n", KeyFault.EMPTY),
        (f"{KEY}\n{KEY}", KeyFault.SEVERAL_LINES),
        (f"{KEY}\r{KEY}", KeyFault.SEVERAL_LINES),
        (f"{KEY} {KEY}", KeyFault.NOT_PLAIN),
        (f"{KEY}\x00{KEY}", KeyFault.NOT_PLAIN),
        ("schlüssel", KeyFault.NOT_PLAIN),
        ("x" * 513, KeyFault.TOO_LONG),
    ],
)
def test_what_is_no_key_is_named(text: str, fault: KeyFault) -> None:
    assert key_fault(text) is fault


@given(st.text())
def test_whatever_is_pasted_only_what_can_stand_in_a_header_is_a_key(text: str) -> None:
    if key_fault(text) is None:
        key = pasted_key(text)
        assert 0 < len(key) <= 512
        assert all("!" <= sign <= "~" for sign in key)
        assert pasted_key(key) == key
