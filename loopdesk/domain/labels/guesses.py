"""What a code may have been before a keyboard or a person changed it: guesses, looked up last.

A guess counts only if a return has exactly that number or name, and every return that a guess leads to is
offered. No guess builds on another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from loopdesk.domain.labels import layouts, links
from loopdesk.domain.labels.matches import is_distinct
from loopdesk.domain.labels.scans import Candidate, CandidateKind, has_aim, without_aim
from loopdesk.domain.returns.returns import is_loop_id

_LINK = ("http://", "https://")
_LEAST = 4
"""Shortest number or name that is guessed."""

_MISTAKEN = str.maketrans("OIL", "011")
"""Letters that people type instead of digits."""


def candidates(text: str) -> Iterator[Candidate]:
    """Yield what a text may have been.

    Args:
        text: As read, case kept, without spaces and control characters.
    """
    for reading in layouts.readings(text):
        rule = f"Typed through {reading.layout}"
        if reading.text.lower().startswith(_LINK) and not text.lower().startswith(_LINK):
            yield from (_guess(one, rule) for one in links.candidates(reading.text))
            continue
        is_marked = has_aim(reading.text) and not has_aim(text)
        if is_marked or layouts.has_moved_signs(text, reading.text):
            yield from _named(without_aim(reading.text).upper(), rule)
    alike = layouts.look_alikes(text)
    if alike:
        yield from _named(alike.upper(), "With Latin letters for those of another script that look alike")
    plain = text.upper().translate(_MISTAKEN)
    if plain != text.upper() and is_distinct(plain) and not is_distinct(text.upper()):
        yield Candidate(
            plain, CandidateKind.TRACKING, "With digits for letters that look alike", is_guess=True
        )


def _named(code: str, rule: str) -> Iterator[Candidate]:
    if len(code) < _LEAST:
        return
    yield Candidate(code, CandidateKind.TRACKING, rule, is_guess=True, is_local=True)
    yield Candidate(code, CandidateKind.ORDER_NAME, rule, is_guess=True, is_local=True)
    if is_loop_id(code):
        yield Candidate(code, CandidateKind.RETURN_ID, rule, is_guess=True, is_local=True)
        yield Candidate(code, CandidateKind.PROVIDER_ORDER_ID, rule, is_guess=True, is_local=True)


def _guess(candidate: Candidate, rule: str) -> Candidate:
    return replace(
        candidate, rule=f"{candidate.rule}, {rule[0].lower()}{rule[1:]}", is_guess=True, is_local=True
    )
