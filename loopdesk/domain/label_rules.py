"""What carriers print, as a table: which texts are a number, which part of them it is, how it is proved.

A rule is applied to the *tight* text: upper case, without spaces, hyphens, dots and separators. The
rules stand in the order of likelihood; a text may fit several. To teach the bench another carrier, add
a row; nothing else reads the forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from loopdesk.domain import check_digits
from loopdesk.domain.scans import Candidate, CandidateKind

_MI = check_digits.has_mod10_31
_ZIP = r"420[0-9]{5}"
_ZIP4 = r"420[0-9]{9}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of a number.

    Attributes:
        words: What the screen says when this rule found a return ("USPS label, ZIP removed").
        pattern: The whole tight text.
        code: Template of the number as Loop stores it, made of the pattern's groups.
        check: Tells whether the check digit is right; None when the form has none.
        checked: Template of what the check is made over, when that is not the number itself.
        is_distinct: Nothing else looks like this, so that a wrong check digit means a misread.
    """

    words: str
    pattern: re.Pattern[str]
    code: str = r"\g<0>"
    check: Callable[[str], bool] | None = None
    checked: str = ""
    is_distinct: bool = False

    @property
    def proves(self) -> bool:
        """Whether a match is more than a guess by length: the check digit was right."""
        return self.check is not None


def _rule(words: str, pattern: str, code: str = r"\g<0>", **more: object) -> Rule:
    return Rule(words, re.compile(pattern, re.ASCII), code, **more)  # type: ignore[arg-type]


CARRIER_RULES: tuple[Rule, ...] = (
    # UPS
    _rule("UPS label", r"1Z[0-9A-Z]{16}", check=check_digits.has_ups, is_distinct=True),
    _rule("UPS Mail Innovations number", r"MI[0-9]{6}[0-9A-Z]{1,24}", is_distinct=True),
    # USPS and those who hand over to USPS (IMpb: 91 to 95, then 20 or 24 digits)
    _rule("USPS label, ZIP removed", rf"{_ZIP}(9[1-5][0-9]{{20}})", r"\1", check=_MI, is_distinct=True),
    _rule("USPS label, ZIP+4 removed", rf"{_ZIP4}(9[1-5][0-9]{{20}})", r"\1", check=_MI),
    _rule("USPS label of 26 digits, ZIP removed", rf"{_ZIP}(9[1-5][0-9]{{24}})", r"\1", check=_MI),
    _rule("USPS label of 26 digits, ZIP+4 removed", rf"{_ZIP4}(9[1-5][0-9]{{24}})", r"\1", check=_MI),
    _rule("USPS label of 20 digits, ZIP removed", rf"{_ZIP}([0-9]{{20}})", r"\1", check=_MI),
    _rule("USPS label of 20 digits, ZIP+4 removed", rf"{_ZIP4}([0-9]{{20}})", r"\1", check=_MI),
    _rule("USPS number", r"9[1-5][0-9]{20}", check=_MI, is_distinct=True),
    _rule("USPS number of 26 digits", r"9[1-5][0-9]{24}", check=_MI, is_distinct=True),
    _rule("USPS number of 20 digits", r"(?!00)[0-9]{20}", check=_MI),
    _rule(
        "FedEx Ground Economy (SmartPost) number without the leading 92",
        r"(?:420[0-9]{5}(?:[0-9]{4})?)?92((?:02|61)[0-9]{18})",
        r"\1",
        check=_MI,
        checked=r"92\1",
    ),
    _rule(
        "FedEx Ground Economy (SmartPost) number",
        r"(?:02|61)[0-9]{18}",
        check=_MI,
        checked=r"92\g<0>",
    ),
    # FedEx
    _rule(
        "FedEx label, the last 12 digits",
        r"(?:10|96)[0-9]{20}([0-9]{12})",
        r"\1",
        check=check_digits.has_fedex_mod11,
    ),
    _rule(
        "FedEx label, the last 14 digits",
        r"(?:10|96)[0-9]{18}([1-9][0-9]{13})",
        r"\1",
        check=check_digits.has_fedex_mod11,
    ),
    _rule("FedEx Ground label, the last 15 digits", r"96[0-9]{17}([0-9]{15})", r"\1", check=_MI),
    _rule("FedEx Ground label, the last 15 digits", r"96[0-9]{5}([0-9]{15})", r"\1", check=_MI),
    _rule("FedEx Ground label, the last 15 digits", r"96[0-9]{3}([0-9]{15})", r"\1", check=_MI),
    _rule("FedEx Express number", r"[0-9]{12}", check=check_digits.has_fedex_mod11),
    _rule("FedEx Ground number", r"[0-9]{15}", check=_MI),
    _rule("FedEx door tag", r"DT[0-9]{12}", is_distinct=True),
    # Posts of other countries
    _rule("Royal Mail number", r"[A-Z]{2}[0-9]{9}GB", check=check_digits.has_s10, is_distinct=True),
    _rule("Canada Post number", r"[A-Z]{2}[0-9]{9}CA", check=check_digits.has_s10, is_distinct=True),
    _rule("Postal number", r"[A-Z]{2}[0-9]{9}[A-Z]{2}", check=check_digits.has_s10, is_distinct=True),
    _rule("Canada Post number", r"[0-9]{16}", check=_MI),
    # DHL
    _rule("DHL Express waybill", r"[0-9]{10,11}", check=check_digits.has_mod7),
    _rule("DHL piece number", r"J[A-Z]{1,3}[0-9]{9,24}", is_distinct=True),
    _rule(
        "DHL eCommerce number",
        rf"(?:{_ZIP}(?:[0-9]{{4}})?)?((?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9]{{10,39}})",
        r"\1",
    ),
    # Others
    _rule("OnTrac number", r"[CD][0-9]{14}", check=check_digits.has_ontrac, is_distinct=True),
    _rule("LaserShip number", r"(1LS[0-9]{13})1", r"\1-1", is_distinct=True),
    _rule("LaserShip number", r"1LS[0-9A-Z]{9,20}", is_distinct=True),
    _rule("LaserShip number", r"L[AEHINSWX][0-9]{8,9}"),
    _rule("Amazon number", r"TB[ABCM][0-9]{12}", is_distinct=True),
    _rule(
        "DPD label, the parcel number in its middle",
        r"[0-9]{7}([0-9]{14})[0-9]{6}[0-9A-Z]",
        r"\1",
        check=check_digits.has_mod37_36,
        checked=r"\g<0>",
    ),
    _rule(
        "DPD label, the parcel number in its middle", r"%[0-9]{7}([0-9]{14})[0-9]{6}", r"\1", is_distinct=True
    ),
    _rule(
        "DPD number, check sign removed",
        r"([0-9]{14})[0-9A-Z]",
        r"\1",
        check=check_digits.has_mod37_36,
        checked=r"\g<0>",
    ),
    _rule("Purolator number", r"[0-5][0-9]{11}", check=check_digits.has_luhn),
    _rule("Purolator number", r"[A-Z]{3}[0-9]{9}"),
    _rule("Shipping container number (SSCC)", r"[0-9]{18}", check=_MI),
)
"""The forms of carriers' numbers, most likely first."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fits a text, the number in it, and whether the check digit (if any) is right."""

    rule: Rule
    code: str
    is_sound: bool

    @property
    def is_proven(self) -> bool:
        """Whether a check digit says so."""
        return self.is_sound and self.rule.proves

    def candidate(self) -> Candidate:
        """What the number may stand for."""
        return Candidate(self.code, CandidateKind.TRACKING, self.rule.words)


def matches(tight: str) -> Iterator[Match]:
    """Yield every rule that fits a tight text, in the order of the table, wrong check digits included."""
    for rule in CARRIER_RULES:
        found = rule.pattern.fullmatch(tight)
        if found is None:
            continue
        code = found.expand(rule.code)
        checked = found.expand(rule.checked) if rule.checked else code
        yield Match(rule, code, rule.check is None or rule.check(checked))
