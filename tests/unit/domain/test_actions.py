"""Kinds of action, canonical payloads, and notes within Loop's limit."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.outbox.actions import (
    MARKER_LENGTH,
    NOTE_MOST,
    Kind,
    canonical,
    marked,
    payload_sha,
    split_note,
)
from loopdesk.domain.outbox.stages import marker_of
from tests.kinds import FINALIZERS, GATED, VALUES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_every_kind_is_a_value_a_note_or_gated() -> None:
    assert set(Kind) == VALUES | {Kind.NOTE} | GATED
    assert not VALUES & GATED
    assert {Kind.FLAG} == GATED - FINALIZERS


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_payload_is_written_the_same_whatever_the_order_of_its_keys(payload: dict[str, object]) -> None:
    turned = dict(reversed(payload.items()))
    assert canonical(payload) == canonical(turned)
    assert json.loads(canonical(payload)) == payload


def test_a_changed_payload_has_another_hash() -> None:
    one, other = canonical({"a": 1}), canonical({"a": 2})
    assert payload_sha(one) == payload_sha(canonical({"a": 1}))
    assert payload_sha(one) != payload_sha(other)


def test_the_marker_is_the_last_word_of_a_note() -> None:
    marker = marker_of("c" * 32)
    assert marked("Box was wet.", marker).split()[-1] == marker
    assert marked("", marker) == marker


@given(st.text(max_size=2000))
def test_a_long_note_is_split_and_no_word_of_it_is_lost(text: str) -> None:
    parts = split_note(text)
    assert all(len(part) + MARKER_LENGTH <= NOTE_MOST for part in parts)
    bare = [part.split(") ", 1)[1] if len(parts) > 1 else part for part in parts]
    assert "".join("".join(bare).split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_note_without_words_is_no_note(text: str) -> None:
    assert split_note(text) == ()


def test_a_short_note_is_not_numbered_and_a_long_one_is() -> None:
    assert split_note("Box was wet.") == ("Box was wet.",)
    parts = split_note("word " * 120)
    assert parts[0].startswith(f"(1/{len(parts)}) ")
    assert parts[-1].startswith(f"({len(parts)}/{len(parts)}) ")


def test_the_room_kept_for_a_marker_is_just_what_a_marker_takes() -> None:
    assert len(" " + marker_of("d" * 32)) == MARKER_LENGTH
    assert len(marked("x" * (NOTE_MOST - MARKER_LENGTH), marker_of("d" * 32))) == NOTE_MOST
