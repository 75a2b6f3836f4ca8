"""The signature of a webhook: over the bytes as they arrived, by one of two secrets, and by nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.hub.webhooks.signature import is_signed, signature_of
from loopdesk.simulator.webhooks.bodies import php_json
from loopdesk.simulator.webhooks.bodies import signature as at_loop

SECRETS = st.text(min_size=1).filter(lambda text: text.isprintable())
BODIES = st.dictionaries(st.text(max_size=9), st.none() | st.text() | st.integers(), min_size=1, max_size=4)

PHP = b'{"status_page_url":"https:\\/\\/shop.example\\/#\\/return\\/1","title":"Gr\\u00f6\\u00dfe 38"}'
BY_ANOTHER_TOOL = "aWhBpUVUV2UacUtNq7z29irbsFMlbhm8tmpEXDa8CkM="
"""Of ``PHP`` with the secret ``s3cret``: ``openssl dgst -sha256 -hmac s3cret -binary | base64``."""


def test_it_is_what_another_tool_computes() -> None:
    assert signature_of("s3cret", PHP) == BY_ANOTHER_TOOL
    assert is_signed(PHP, BY_ANOTHER_TOOL, ["s3cret"])


def test_a_body_that_was_parsed_and_written_again_is_not_signed() -> None:
    for again in (json.dumps(json.loads(PHP)), json.dumps(json.loads(PHP), separators=(",", ":"))):
        assert not is_signed(again.encode(), BY_ANOTHER_TOOL, ["s3cret"])
    assert not is_signed(PHP + b"\n", BY_ANOTHER_TOOL, ["s3cret"])


@given(body=BODIES, secret=SECRETS, older=SECRETS)
def test_whatever_loop_signs_with_either_secret_is_signed(
    body: dict[str, Any], secret: str, older: str
) -> None:
    raw = php_json(body)
    for each in (secret, older):
        assert is_signed(raw, at_loop(each, raw), [secret, older])


@given(raw=st.binary(), at=st.integers(min_value=0), flip=st.integers(1, 255), secret=SECRETS)
def test_no_changed_byte_goes_unnoticed(raw: bytes, at: int, flip: int, secret: str) -> None:
    header = signature_of(secret, raw)
    changed = bytearray(raw or b"\0")
    changed[at % len(changed)] ^= flip
    assert not is_signed(bytes(changed), header, [secret])


@given(raw=st.binary(), header=st.text(), secret=SECRETS)
def test_a_made_up_header_is_refused_and_never_raises(raw: bytes, header: str, secret: str) -> None:
    assert is_signed(raw, header, [secret]) == (header.strip() == signature_of(secret, raw))


@pytest.mark.parametrize("made", ["sha256={}", "{}=", "{}, {}"])
def test_the_exact_text_counts(made: str) -> None:
    wrong = made.format(BY_ANOTHER_TOOL, BY_ANOTHER_TOOL)
    assert not is_signed(PHP, wrong, ["s3cret"])
    assert not is_signed(PHP, BY_ANOTHER_TOOL.lower(), ["s3cret"])
    assert not is_signed(PHP, "", ["s3cret"])


def test_no_secret_and_an_empty_one_sign_nothing() -> None:
    assert not is_signed(PHP, signature_of("", PHP), [""])
    assert not is_signed(PHP, BY_ANOTHER_TOOL, [])
