"""What a webhook means, in the form of either age of Loop's documents, and whatever else comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.returns.returns import is_loop_id
from loopdesk.hub.webhooks.meaning import (
    TRIGGERS,
    FailedProcessing,
    HookMeaning,
    ToldLabel,
    is_empty,
    meaning_of,
)
from loopdesk.simulator.webhooks.events import TRIGGERS as AT_LOOP

FOLDER = Path(__file__).resolve().parent.parent / "payloads" / "public"
BODIES = {path.stem: json.loads(path.read_text("utf-8"))["body"] for path in FOLDER.glob("*webhook*.json")}
NUMBER = "28735625627856237856287"
SPRING = datetime(2019, 4, 1, 12, tzinfo=UTC)

IN_TRANSIT = ToldLabel(NUMBER, "USPS", "in_transit", SPRING)
NEW = ToldLabel("123456789101112", "USPS", "new", datetime(2024, 2, 2, 21, 19, 4, tzinfo=UTC))

MEANT = {
    "docs_webhook_return": HookMeaning("return", "return.created", "1673", "1673", (NEW,)),
    "docs_webhook_return_needs_review": HookMeaning("return", "return.created", "1673", "1673", (NEW,)),
    "guide_webhook_return_v1": HookMeaning("return", "return.created", "12345", "12345", (IN_TRANSIT,)),
    "guide_webhook_return_v1_nolabel": HookMeaning("return", "return.created", "12345", "12345"),
    "guide_webhook_return_v2": HookMeaning("return", "return.created", "12345", "12345", (IN_TRANSIT,)),
    "guide_webhook_return_v2_literal": HookMeaning(
        "return", "return.created", "12345", "12345", (IN_TRANSIT,)
    ),
    "docs_webhook_label_id": HookMeaning("label", "label.created", "12345", "12345", (IN_TRANSIT,)),
    "guide_webhook_label_v2": HookMeaning("label", "label.updated", "12345", "12345", (IN_TRANSIT,)),
    "docs_webhook_processing_failed": HookMeaning(
        "return.processing",
        "return.processing.failed",
        "1673",
        "1673",
        failed=FailedProcessing("open", "Return failed to process", "api"),
    ),
    "docs_webhook_restock": HookMeaning("restock", "restock.requested", "12345", "12345"),
    "guide_webhook_restock_v2": HookMeaning("restock", "restock.requested", "12345", "12345"),
    "docs_webhook_giftcard": HookMeaning("giftcard", "giftcard.requested", "12345", "23456"),
    "docs_webhook_happy": HookMeaning("happy.returns.shipment", "shipment.processed", "123"),
    "docs_webhook_label_request": HookMeaning(
        "label.request", "label.request.issued", "5fc3126e-68c5-45f8-81b5-35e3d67027c2", "1001"
    ),
}


def raw(body: Any) -> bytes:
    """Serialize a body."""
    return json.dumps(body).encode()


def test_every_documented_body_is_in_the_table_of_meanings() -> None:
    assert set(BODIES) == set(MEANT)


@pytest.mark.fault(195)
@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_documented_body_means_what_it_says(name: str) -> None:
    assert meaning_of(BODIES[name]["topic"], raw(BODIES[name])) == MEANT[name]


@pytest.mark.parametrize("name", sorted(BODIES))
def test_ids_may_be_texts_or_numbers(name: str) -> None:
    ids = ("id", "return_id", "loop_shipment_id")
    turns: tuple[Callable[[Any], Any], ...] = (str, lambda x: int(x) if str(x).isdecimal() else x)
    for turn in turns:
        body = {key: turn(value) if key in ids else value for key, value in BODIES[name].items()}
        assert meaning_of(MEANT[name].topic, raw(body)) == MEANT[name]


def test_a_gift_card_that_was_made_by_itself_has_no_id_and_is_known_by_its_return() -> None:
    body = {**BODIES["docs_webhook_giftcard"], "id": None, "return_id": 23456}
    found = meaning_of("giftcard", raw(body))
    assert (found.subject, found.return_id) == ("23456", "23456")


def test_a_failure_without_a_message_is_a_failure() -> None:
    body = {**BODIES["docs_webhook_processing_failed"], "message": None, "source": None}
    assert meaning_of("return.processing", raw(body)).failed == FailedProcessing("open", "", "")


def test_the_topic_of_the_body_goes_before_the_one_of_the_address() -> None:
    assert meaning_of("return", raw(BODIES["guide_webhook_label_v2"])) == MEANT["guide_webhook_label_v2"]


def test_a_body_that_does_not_name_its_topic_is_of_the_address() -> None:
    body = dict(BODIES["guide_webhook_label_v2"])
    del body["topic"]
    assert meaning_of("label", raw(body)) == MEANT["guide_webhook_label_v2"]
    assert meaning_of("label", raw({**body, "topic": "news"})) == MEANT["guide_webhook_label_v2"]


@pytest.mark.parametrize("text", [b"", b" \n", b"[]", b"{}", b"null", b'""'])
def test_a_body_that_says_nothing_is_empty(text: bytes) -> None:
    assert is_empty(text)


@pytest.mark.parametrize("text", [b"0", b"<html>", b'{"id":1}', b"[1]", b"\xff", b"{" * 100_000])
def test_what_cannot_be_read_means_only_that_it_came(text: bytes) -> None:
    assert not is_empty(text)
    found = meaning_of("restock", text)
    assert (found.topic, found.labels, found.failed) == ("restock", (), None)


@pytest.mark.parametrize("number", ["../1", "12 34", "-1", "1" * 20, "١٢", "1;drop"])
def test_an_id_that_is_none_names_no_return(number: str) -> None:
    assert meaning_of("return", raw({"id": number, "line_items": []})).return_id == ""


def test_the_topics_are_those_that_loop_has() -> None:
    assert TRIGGERS == AT_LOOP


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    [
        "topic",
        "trigger",
        "id",
        "return_id",
        "state",
        "labels",
        "label_status",
        "tracking_number",
        "carrier",
        "label_updated_at",
        "message",
        "source",
        "return_state",
        "loop_shipment_id",
        "line_items",
    ]
)


@given(topic=st.sampled_from(sorted(TRIGGERS)), body=st.dictionaries(FIELDS, JSON))
def test_any_object_means_something_of_bounded_size(topic: str, body: dict[str, Any]) -> None:
    found = meaning_of(topic, raw(body))
    assert found.topic in TRIGGERS
    assert found.return_id == "" or is_loop_id(found.return_id)
    texts = [found.trigger, found.subject]
    texts += [text for each in found.labels for text in (each.tracking_number, each.carrier, each.status)]
    if found.failed is not None:
        texts += [found.failed.state, found.failed.message, found.failed.source]
    assert all(len(text) <= 500 and "\0" not in text for text in texts)


@given(topic=st.sampled_from(sorted(TRIGGERS)), text=st.binary(max_size=200))
def test_any_bytes_mean_something(topic: str, text: bytes) -> None:
    assert meaning_of(topic, text).topic in TRIGGERS
