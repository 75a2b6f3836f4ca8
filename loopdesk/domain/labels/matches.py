"""Which carriers' numbers a text may be: the table in ``rules`` applied to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loopdesk.domain.labels.rules import CARRIER_RULES, Rule
from loopdesk.domain.labels.scans import Candidate, CandidateKind

_BEGINS_WITH_A_LETTER = re.compile(r"[(?:\[]*[A-Z%]")
_FOR_DIGITS = tuple(rule for rule in CARRIER_RULES if not _BEGINS_WITH_A_LETTER.match(rule.pattern.pattern))
_FOR_LETTERS = tuple(rule for rule in CARRIER_RULES if re.search("[A-Z%]", rule.pattern.pattern))
"""The rules that may match a text of digits only, and those that may match another; only for speed."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matches a text, the number in it, and whether the check digit (if any) is valid."""

    rule: Rule
    code: str
    is_sound: bool

    @property
    def is_proven(self) -> bool:
        """Whether it has a valid check digit."""
        return self.is_sound and self.rule.proves

    @property
    def is_certain(self) -> bool:
        """Whether a check digit or a unique form proves it, rather than only its length."""
        return self.is_sound and (self.rule.proves or self.rule.is_distinct)

    def candidate(self, remark: str = "") -> Candidate:
        """The candidate for the number; the remark is appended to the rule's text."""
        return Candidate(self.code, CandidateKind.TRACKING, f"{self.rule.words}{remark}")


def matches(tight: str) -> Iterator[Match]:
    """Yield every rule that matches a normalized text, in table order, including those with wrong check
    digits.
    """
    for rule in _FOR_DIGITS if tight.isdigit() else _FOR_LETTERS:
        found = rule.pattern.fullmatch(tight)
        if found is None:
            continue
        parts = (tight, *found.groups())
        code = rule.code.format(*parts)
        checked = rule.checked.format(*parts) if rule.checked else code
        if rule.ending:
            code += rule.ending(code)
        yield Match(rule, code, rule.check is None or rule.check(checked))


_DISTINCT = re.compile("|".join(f"(?:{x.pattern.pattern})" for x in CARRIER_RULES if x.is_distinct), re.ASCII)


def is_distinct(tight: str) -> bool:
    """Whether a text has a form that nothing else has, and its check digit, if any, is valid."""
    if _DISTINCT.fullmatch(tight) is None:  # most do not, and this is faster to check
        return False
    return any(match.is_certain and match.rule.is_distinct for match in matches(tight))


def likely(found: Iterable[Match], remark: str = "", *, only_certain: bool = False) -> Iterator[Candidate]:
    """Yield the candidates of the matches whose check digit, if any, is valid.

    If several carriers have such a number, its rule names them all.

    Args:
        remark: Appended to the rule's text.
        only_certain: Leave out guesses by length.
    """
    words: dict[str, list[str]] = {}
    for match in found:
        if match.is_certain or (match.is_sound and not only_certain):
            words.setdefault(match.code, []).append(match.rule.words)
    for code, rules in words.items():
        rule = " or ".join(dict.fromkeys(rules))
        yield Candidate(code, CandidateKind.TRACKING, f"{rule}{remark}")
