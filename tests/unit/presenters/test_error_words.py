"""Every expected failure has words in every language, and follows a change of language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import time
from string import Formatter

import pytest

from loopdesk.api.hub import KEY_WHY
from loopdesk.api.strict_json import JsonFault
from loopdesk.domain import errors as failures
from loopdesk.domain.api_key import KeyFault
from loopdesk.domain.camera import CameraState, StillFault
from loopdesk.domain.errors import (
    AnswerLost,
    CameraUnusable,
    DiskFull,
    LoopdeskError,
    ManifestUnusable,
    Refused,
    RuleBroken,
    SettingsWrong,
    StoreError,
    Unreachable,
)
from loopdesk.domain.hub_join import JoinFault, JoinRefusal
from loopdesk.domain.outbox.stages import Cause
from loopdesk.i18n import catalogue
from loopdesk.i18n.catalogue import N_, NOTHING, Said
from loopdesk.i18n.languages import catalogue_of
from loopdesk.presenters.words import errors, words
from tests import catalogues
from tests.architecture import modules


def _kinds(top: type[LoopdeskError] = LoopdeskError) -> Iterator[type[LoopdeskError]]:
    if top.__module__ == failures.__name__:
        yield top
    for each in top.__subclasses__():
        yield from _kinds(each)


KINDS = tuple(_kinds())

PROOFS = {"http_status", "retry_after_seconds"}
"""What a failure says to the program, not to a person."""


def test_every_code_has_words_of_its_own_and_no_words_are_without_a_code() -> None:
    codes = [kind.code for kind in KINDS]
    assert sorted(set(codes)) == sorted(codes), "two kinds share a code"
    assert {*errors._WORDS, RuleBroken.code} == set(codes)
    titles = [title for title, _ in errors._WORDS.values()]
    assert len(set(titles)) == len(titles)


def test_every_reason_that_asks_for_something_of_its_own_has_words_and_advice() -> None:
    known = {f"camera.{why}" for why in (*CameraState, *StillFault) if why is not CameraState.LIVE}
    known |= {f"key_refused.{why}" for why in KEY_WHY.values()}
    known |= {f"hub_not_joined.{why}" for why in (*JoinFault, *JoinRefusal)}
    known |= {reason for reason in _reasons_given() if reason.startswith("hub_not_joined.")}
    assert set(errors._EXACT) == known
    told = [
        (errors.title(CameraUnusable(why=why)), errors.advice(CameraUnusable(why=why))) for why in StillFault
    ]
    assert len(set(told)) == len(StillFault)
    titles = [*errors._WORDS.values(), *errors._EXACT.values()]
    assert len({title for title, _ in titles}) == len(titles)
    assert all(advice for _, advice in errors._EXACT.values())


def _reasons_given() -> dict[str, set[str]]:
    """Read off the source which reasons are given for which kinds, and the names of their values."""
    codes = {kind.__name__: kind.code for kind in KINDS}
    given = {f"key_unusable.{fault}": set[str]() for fault in KeyFault}
    given |= {f"{AnswerLost.code}.{fault}": set() for fault in JsonFault}
    for module in modules():
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            code = codes.get(ast.unparse(call.func))
            values = {each.arg: each.value for each in call.keywords if each.arg} if code else {}
            why = values.pop("why", None)
            if code == Refused.code:  # an entry's cause: its words are with those
                assert why is None or words.failure(Cause(ast.literal_eval(why))) != errors.rule("")
            elif isinstance(why, ast.Constant):
                given[f"{code}.{ast.literal_eval(why)}"] = set(values) - PROOFS
    return given


def test_every_reason_that_is_given_has_words_that_take_exactly_its_values() -> None:
    wanted = {
        key: {name for _, name, _, _ in Formatter().parse(text) if name}
        for key, text in errors._REASONS.items()
    }
    given = {key: values for key, values in _reasons_given().items() if key not in errors._EXACT}
    assert given == wanted


@pytest.fixture
def german() -> Iterator[None]:
    catalogue.use(catalogue_of("de", catalogues.LOCALES))
    yield
    catalogue.use(None)


def test_a_failure_is_said_in_the_language_that_is_spoken_now(german: None) -> None:
    failure = ManifestUnusable(why="status", status=404)
    assert errors.title(Unreachable("Errno 113")) == "Loop ist nicht erreichbar."
    assert errors.told(DiskFull).startswith("NICHT GESICHERT: Der Datenträger ist voll. Schaffen Sie Platz")
    assert errors.found(failure) == (
        "Es ist nicht bekannt, welche Version von loopdesk gewünscht ist. "
        "Auf die Frage nach dem Manifest kam 404."
    )
    assert errors.title(RuleBroken("undecided")) == "Entscheiden Sie erst jede Position."
    assert errors.fault("A1B2C3", None)[0] == "Im Programm ist etwas schiefgegangen (Fehler A1B2C3)."
    catalogue.use(None)
    assert errors.found(failure) == (
        "It is not known which version of loopdesk is wanted. The manifest was answered with 404."
    )


def test_a_rule_is_told_by_itself_and_foreign_text_stays_as_it_is() -> None:
    assert errors.told(RuleBroken("bad_id")) == "This return has a number that must not be sent. Ask a lead."
    assert errors.reason(RuleBroken("bad_id")) == ""
    assert errors.reason(StoreError("IOError: disk I/O error")) == "IOError: disk I/O error"
    assert errors.told(Said("Loop is being asked.")) == "Loop is being asked."
    wrong = SettingsWrong("must_be_switch", file="/settings.toml", line=4, key="sound.on")
    assert (
        errors.told(wrong) == "A settings file is wrong. /settings.toml:4: sound.on: must be true or false."
    )


def test_a_sentence_that_is_kept_is_said_in_the_language_that_is_spoken_then(german: None) -> None:
    asked = Said(N_("Asked Loop at {time}: something has moved on."), {"time": time(9, 5)})
    in_german = str(asked)
    catalogue.use(None)
    assert str(asked) == "Asked Loop at 09:05: something has moved on."
    assert "09:05" in in_german
    assert in_german != str(asked)
    assert (bool(asked), bool(NOTHING), str(NOTHING)) == (True, False, "")
