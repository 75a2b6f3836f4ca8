"""Every row of the table from answers to verdicts, and that the default is a lost answer."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.api.calls import Call, Nature, Scope
from loopdesk.api.judgement import RawAnswer, Verdict, judge, refusal_in
from loopdesk.api.strict_json import dumps
from loopdesk.api.versions import VERSIONS
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    ScopeMissing,
    Throttled,
    Unreachable,
)
from tests.unit.api.bench import NOW

PROCESS = Call("process", "POST", "/x", Nature.ACTION, 2)
REMOVE = Call("remove", "POST", "/x", Nature.ACTION, 2)
GRADE = Call("grade", "POST", "/x", Nature.VALUES, 2, expected_ids=("1", "2"))
DETAILS = Call("details", "GET", "/x", Nature.READ, 0)
NOTES = Call("notes", "GET", "/x", Nature.READ, 0)
DOCKS = Call("destinations", "GET", "/x", Nature.READ, 3, Scope.DESTINATIONS)

REFUSED = {
    "errors": {
        "message": "Return is closed and therefore cannot be processed.",
        "code": "UNPROCESSABLE_RETURN",
    }
}
TOO_MANY = {"message": "Too Many Attempts."}
HTML = "<html><title>Guest network</title></html>"


def verdict(
    call: Call,
    status: int,
    body: Any = None,
    *,
    text: str | bytes | None = None,
    version: str = "v1",
    **headers: str,
) -> Verdict:
    """Judge an answer with a JSON body, or with any text."""
    raw = text if text is not None else dumps(body)
    content = raw.encode() if isinstance(raw, str) else raw
    return judge(call, RawAnswer(status, headers, content), VERSIONS[version], NOW)


def failure(call: Call, status: int, body: Any = None, **more: Any) -> ApiError:
    """Judge an answer that is no yes."""
    found = verdict(call, status, body, **more).failure
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text", ["true", '"true"', '"TRUE"', ' "True" ', '"\\"true\\""', "true\n", "\ufefftrue"]
)
def test_a_yes_is_true_in_any_of_its_spellings(text: str) -> None:
    assert verdict(PROCESS, 200, text=text) == Verdict(value=True)


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{}",
        "[]",
        "null",
        "1",
        "0",
        '"ok"',
        '"1"',
        "false",
        '"false"',
        "True",
        "tru",
        '"true',
        "true true",
        "NaN",
        '{"success": true}',
        '{"message": "Processing was queued."}',
        '{"id": 5}',
        "[true]",
        '{"errors": []}',
        '{"errors": {}}',
        '{"errors": null}',
        '{"error": ""}',
        '{"errors": [{}]}',
        '{"errors": [[]]}',
        '{"message": 5}',
    ],
)
def test_200_with_an_unknown_body_is_a_lost_answer(text: str) -> None:
    assert isinstance(failure(PROCESS, 200, text=text), AnswerLost)


@pytest.mark.parametrize("status", [201, 202, 203, 204, 206, 226, 299])
def test_another_2xx_is_no_yes_even_with_true(status: int) -> None:
    assert isinstance(failure(PROCESS, status, True), AnswerLost)


@pytest.mark.fault(17)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_known_refusal_is_one_with_any_2xx(status: int) -> None:
    found = failure(PROCESS, status, REFUSED)
    assert isinstance(found, Refused)
    assert (found.refusal_code, found.http_status) == ("UNPROCESSABLE_RETURN", status)


@pytest.mark.fault(23)
@pytest.mark.parametrize("call", [PROCESS, GRADE, DETAILS], ids=lambda call: call.name)
@pytest.mark.parametrize(
    "status",
    [100, 199, 402, 406, 407, 408, 409, 410, 418, 423, 425, 451, 499, 500, 502, 503, 504, 520, 524, 599, 700],
)
def test_what_no_rule_names_is_a_lost_answer(call: Call, status: int) -> None:
    for body in (True, REFUSED, {"message": "An error was encountered during processing."}):
        found = failure(call, status, body)
        assert isinstance(found, AnswerLost)
        assert found.http_status == status


@pytest.mark.fault(6)
@pytest.mark.parametrize("call", [PROCESS, GRADE, DETAILS, DOCKS], ids=lambda call: call.name)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 511])
def test_a_redirect_is_a_network_that_asks_for_login(call: Call, status: int) -> None:
    found = failure(call, status, True)
    assert isinstance(found, AnswerLost)
    assert found.why == "login_page"


@pytest.mark.fault(6)
@pytest.mark.parametrize("call", [PROCESS, GRADE, DETAILS, NOTES, DOCKS], ids=lambda call: call.name)
@pytest.mark.parametrize("text", [HTML, "\ufeff  \n<!DOCTYPE html>", "<?xml version='1.0'?>"])
def test_a_page_with_200_is_a_network_that_asks_for_login(call: Call, text: str) -> None:
    found = failure(call, 200, text=text)
    assert isinstance(found, AnswerLost)
    assert found.why == "login_page"


def test_json_labeled_as_html_is_json() -> None:
    assert verdict(PROCESS, 200, True, **{"content-type": "text/html"}).value is True


@pytest.mark.parametrize("call", [PROCESS, REMOVE, GRADE, DETAILS], ids=lambda call: call.name)
@pytest.mark.parametrize("status", [400, 405, 413, 422])
@pytest.mark.parametrize("body", [REFUSED, {}, None, False, {"message": "x", "exception": "y"}])
def test_the_refusing_statuses_refuse_with_any_json(call: Call, status: int, body: Any) -> None:
    found = failure(call, status, body)
    assert isinstance(found, Refused)
    assert found.http_status == status
    assert found.text


FOREIGN = (HTML, "", "null", "Forbidden", '{"message":"Forbidden"}', "{}", '{"id": 5}', '"no"')
"""What filters, gateways and caches answer with: pages, nothing, and JSON that is not Loop's."""


@pytest.mark.fault(159)
@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize("status", [401, 403])
def test_a_door_that_is_not_loops_says_nothing_about_action_or_key(status: int, text: str) -> None:
    for call in (PROCESS, REMOVE, GRADE):
        found = failure(call, status, text=text)
        assert isinstance(found, AnswerLost)
        assert (found.http_status, found.why) == (status, "foreign")
    for call in (DETAILS, NOTES, DOCKS):
        assert isinstance(failure(call, status, text=text), Unreachable)


@pytest.mark.fault(159)
@pytest.mark.parametrize("text", [HTML, "", "null", "slow down", "{}", '{"errors": []}'])
def test_a_429_that_is_not_loops_may_have_come_after_the_effect(text: str) -> None:
    for call in (PROCESS, GRADE):
        assert isinstance(failure(call, 429, text=text, **{"retry-after": "20"}), AnswerLost)
    for call in (DETAILS, DOCKS):
        assert isinstance(failure(call, 429, text=text), Unreachable)


@pytest.mark.fault(159)
@pytest.mark.parametrize("status", [400, 404, 405, 413, 422])
@pytest.mark.parametrize("text", [HTML, "", "Request entity too large"])
def test_a_refusal_that_is_not_loops_is_none(status: int, text: str) -> None:
    for call in (PROCESS, GRADE):
        assert isinstance(failure(call, status, text=text), AnswerLost)
    for call in (DETAILS, NOTES):
        assert isinstance(failure(call, status, text=text), Unreachable)


def test_404_is_not_found_except_for_a_batch() -> None:
    for body in ({"code": "NOT_FOUND", "message": "Destination not found."}, {}, None):
        assert isinstance(failure(DETAILS, 404, body), NotFound)
        assert isinstance(failure(PROCESS, 404, body), NotFound)
        assert isinstance(failure(GRADE, 404, body), Refused)


def test_a_batch_with_an_unknown_line_is_refused_and_not_missing() -> None:
    body = {
        "message": "The given data was invalid.",
        "errors": {"items.3.line_item_id": ["Line item not found."]},
    }
    found = failure(GRADE, 422, body)
    assert isinstance(found, Refused)
    assert found.fields == {"items.3.line_item_id": ("Line item not found.",)}


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    "text",
    [
        '{"errors":"Unauthorized."}',
        '{"errors":"This action is unauthorized."}',
        '{"error":{"code":"401","http_code":"GEN-UNAUTHORIZED","message":"Unauthorized."}}',
        '{"message":"Unauthenticated."}',
    ],
)
def test_401_and_403_in_loops_words_are_about_the_key_or_an_optional_permission(
    status: int, text: str
) -> None:
    for call in (PROCESS, GRADE, DETAILS, NOTES):
        assert isinstance(failure(call, status, text=text), KeyRefused)
    assert isinstance(failure(DOCKS, status, text=text), ScopeMissing)


def test_403_for_foreign_lines_is_a_refusal_from_2026_10_on() -> None:
    body = {"error": {"code": "403", "http_code": "GEN-FORBIDDEN", "message": "Forbidden."}}
    assert isinstance(failure(GRADE, 403, body, version="2026-10"), Refused)
    assert isinstance(failure(GRADE, 403, body), KeyRefused)
    assert isinstance(failure(PROCESS, 403, body, version="2026-10"), KeyRefused)
    assert isinstance(failure(GRADE, 403, text="", version="2026-10"), AnswerLost)
    key = {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "Unauthorized."}}
    assert isinstance(failure(GRADE, 403, key, version="2026-10"), KeyRefused)
    assert isinstance(failure(GRADE, 401, body, version="2026-10"), KeyRefused)


def test_words_about_the_key_with_200_prove_nothing_about_an_action() -> None:
    """They are known with 401; with 200 the action is read back, and that read meets the key again."""
    for body in (
        {"errors": "Unauthorized."},
        {"error": {"code": "401", "http_code": "GEN-UNAUTHORIZED", "message": "No."}},
    ):
        assert isinstance(failure(PROCESS, 200, body), AnswerLost)
        assert isinstance(failure(GRADE, 200, body), AnswerLost)
        assert isinstance(failure(DETAILS, 200, body), KeyRefused)
        assert isinstance(failure(DOCKS, 200, body), ScopeMissing)


@pytest.mark.fault(24)
def test_that_loop_tripped_is_no_proof_that_nothing_happened() -> None:
    for body in (
        {"errors": {"message": "Something.", "code": "UNEXPECTED_ERROR"}},
        {"message": "An error was encountered during processing."},
    ):
        for status in (200, 422):
            assert isinstance(failure(REMOVE, status, body), AnswerLost)


def test_a_batch_is_accepted_only_when_every_line_comes_back() -> None:
    assert (
        verdict(GRADE, 200, [{"line_item_id": 1}, {"line_item_id": "2"}, {"line_item_id": 3}]).failure is None
    )
    short: tuple[Any, ...] = (
        [],
        [{"line_item_id": 1}],
        [1, 2],
        [{"line_item_id": 1}, {"line_item_id": 2.0}],
        {"items": []},
        True,
        None,
    )
    for body in short:
        assert isinstance(failure(GRADE, 200, body), AnswerLost)
    assert isinstance(failure(GRADE, 201, [{"line_item_id": 1}, {"line_item_id": 2}]), AnswerLost)
    assert isinstance(failure(GRADE, 200, REFUSED), Refused)


def test_a_read_needs_an_object_or_an_array_without_errors() -> None:
    assert verdict(DETAILS, 200, {"id": 1, "errors": None, "error": []}).failure is None
    assert verdict(DETAILS, 200, [{"error": 1}]).failure is None
    assert isinstance(failure(DETAILS, 200, {"error": {"message": "Nope."}, "id": 1}), Refused)
    for body in (True, False, None, 1, "x", {"message": "Processing was queued."}):
        assert isinstance(failure(DETAILS, 200, body), AnswerLost)


@pytest.mark.fault(22)
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 5.0),
        ("", 5.0),
        ("30", 30.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("0", 1.0),
        ("-20", 1.0),
        ("1000000000", 300.0),
        ("9" * 30, 300.0),
        ("9" * 300, 5.0),
        ("1e9", 5.0),
        ("nan", 5.0),
        ("inf", 5.0),
        ("soon", 5.0),
        ("5, 5", 5.0),
        ("Fri, 20 Nov 2026 12:01:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 1.0),
        ("Fri, 20 Nov 2099 12:00:00 GMT", 300.0),
        ("Fri, 99 Foo 2026 99:99:99 GMT", 5.0),
        ("Fri, 20 Nov 2026 12:00:30 -0000", 30.0),
    ],
)
def test_a_429_waits_as_long_as_it_says_within_bounds(text: str | None, seconds: float) -> None:
    headers = {} if text is None else {"retry-after": text}
    for call in (PROCESS, DETAILS, DOCKS):
        found = failure(call, 429, TOO_MANY, **headers)
        assert isinstance(found, Throttled)
        assert found.retry_after_seconds == seconds


def test_a_date_to_wait_for_is_measured_by_the_servers_own_clock() -> None:
    found = failure(
        PROCESS,
        429,
        TOO_MANY,
        **{"retry-after": "Thu, 01 Jan 2026 00:00:42 GMT", "date": "Thu, 01 Jan 2026 00:00:00 GMT"},
    )
    assert isinstance(found, Throttled)
    assert found.retry_after_seconds == 42.0


def test_only_bare_words_beside_nothing_else_are_a_refusal() -> None:
    assert refusal_in({"message": "No.", "id": 5}) is None
    found = refusal_in({"message": "No."})
    assert found is not None
    assert found.says_no
    queued = refusal_in({"message": "Processing was queued."})
    assert queued is not None
    assert not queued.says_no


def test_the_message_is_taken_from_where_it_stands_first() -> None:
    body = {
        "errors": {"message": "first"},
        "error": {"message": "second"},
        "message": "third",
        "content": "fourth",
    }
    texts = []
    for key in ("errors", "error", "message", "content"):
        found = refusal_in(body)
        assert found is not None
        texts.append(found.text)
        del body[key]
    assert texts == ["first", "second", "third", "fourth"]


def test_words_are_redacted_wherever_they_are_kept() -> None:
    body = {"message": "bad secret", "errors": {"secret": ["the secret is bad"]}}
    found = judge(
        PROCESS,
        RawAnswer(422, {}, dumps(body).encode()),
        VERSIONS["v1"],
        NOW,
        lambda text: text.replace("secret", "…"),
    ).failure
    assert isinstance(found, Refused)
    assert (found.text, found.fields) == ("bad …", {"…": ("the … is bad",)})
    assert "secret" not in f"{found!r} {found} {found.detail} {found.args}"
