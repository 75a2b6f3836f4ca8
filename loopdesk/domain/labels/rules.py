"""What carriers print, as a table: which texts are a number, which part is the number, how it is proven.

The facts come from what the carriers publish for those who print and read their labels. A rule is applied to
the *tight* text: upper case, without spaces, hyphens, dots and separators. The rules are ordered by
likelihood; a text may match several. To teach the bench another carrier, add a row; only ``matches`` reads
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from loopdesk.domain.labels import check_digits
from loopdesk.domain.labels.scans import Candidate, CandidateKind

_MOD10 = check_digits.has_mod10_31
_ZIP = r"420[0-9]{5}"
_ZIP4 = r"420[0-9]{9}"
_COUNTRIES = (
    "A[CDEFGILMNOQRSTWXZ]|B[ABDEFGHIJLMNOQRSTVWYZ]|C[CDFGHIKLMNORSUVWXYZ]|D[EJKMOZ]|E[CEGHRST]|F[IJKMOR]|"
    "G[ADEFGHILMNPQRSTUWY]|H[KMNRTU]|I[DELMNOQRST]|J[EMOP]|K[EGHIMNPRWYZ]|L[ABCIKRSTUVY]|"
    "M[ACDEFGHKLMNOPQRSTUVWXYZ]|N[ACEFGILOPRUZ]|OM|P[AEFGHKLMNRSTWY]|QA|R[EOSUW]|"
    "S[ABCDEGHIJKLMNORSTVXYZ]|T[ACDFGHJKLMNORTVWZ]|U[AGKMYZ]|V[ACEGINU]|W[FS]|X[KZ]|Y[ETU]|Z[AMW]"
)
"""The countries whose postal numbers follow S10; ISO 3166 and a few that are still in use, without those that
have a row of their own.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of a number.

    Attributes:
        words: What the screen says if this rule found a return ("USPS label, ZIP removed").
        pattern: Matches the whole tight text.
        code: Template of the number as Loop stores it: "{0}" is the text, "{1}" the pattern's group.
        check: Tells whether the check digit is valid; None if the form has none.
        checked: Template of what the check digit covers, if that is not the number itself.
        is_distinct: Nothing else looks like this, so a wrong check digit means a misread.
        ending: Computes what must follow the number, such as a check character that this barcode lacks.
    """

    words: str
    pattern: re.Pattern[str]
    code: str = "{0}"
    check: Callable[[str], bool] | None = None
    checked: str = ""
    is_distinct: bool = False
    ending: Callable[[str], str] | None = None

    @property
    def proves(self) -> bool:
        """Whether a match is more than a guess by length: it has a valid check digit."""
        return self.check is not None


def _rule(words: str, pattern: str, code: str = "{0}", **more: object) -> Rule:
    return Rule(words, re.compile(pattern, re.ASCII), code, **more)  # type: ignore[arg-type]


_UPS = (
    _rule("UPS label", r"1Z[0-9A-Z]{16}", check=check_digits.has_ups, is_distinct=True),
    _rule("UPS Mail Innovations number", r"MI[0-9]{6}[0-9A-Z]{1,24}", is_distinct=True),
    _rule("UPS Mail Innovations number", r"80[0-9]{16}"),
    _rule("UPS waybill number", r"[AHJKTV][0-9]{10}", check=check_digits.has_ups_waybill),
    _rule("UPS number of a letter and ten digits", r"[FMQTW][0-9]{10}"),
)

_USPS = (  # IMpb: 91 to 95, then 20 or 24 digits, 94 also 28; and carriers that hand over to USPS
    _rule("USPS label, ZIP removed", rf"{_ZIP}(9[1-5][0-9]{{20}})", "{1}", check=_MOD10, is_distinct=True),
    _rule("USPS label, ZIP+4 removed", rf"{_ZIP4}(9[1-5][0-9]{{20}})", "{1}", check=_MOD10),
    _rule("USPS label of 26 digits, ZIP removed", rf"{_ZIP}(9[1-5][0-9]{{24}})", "{1}", check=_MOD10),
    _rule("USPS label of 26 digits, ZIP+4 removed", rf"{_ZIP4}(9[1-5][0-9]{{24}})", "{1}", check=_MOD10),
    _rule("USPS label of 30 digits, ZIP removed", rf"{_ZIP}(94[0-9]{{28}})", "{1}", check=_MOD10),
    _rule("USPS label of 30 digits, ZIP+4 removed", rf"{_ZIP4}(94[0-9]{{28}})", "{1}", check=_MOD10),
    _rule("USPS label of 20 digits, ZIP removed", rf"{_ZIP}([0-9]{{20}})", "{1}", check=_MOD10),
    _rule("USPS label of 20 digits, ZIP+4 removed", rf"{_ZIP4}([0-9]{{20}})", "{1}", check=_MOD10),
    _rule(
        "USPS label of 20 digits, ZIP removed",
        rf"{_ZIP}([0-9]{{20}})",
        "{1}",
        check=_MOD10,
        checked="91{1}",
    ),
    _rule("USPS number", r"9[1-5][0-9]{20}", check=_MOD10, is_distinct=True),
    _rule("USPS number of 26 digits", r"9[1-5][0-9]{24}", check=_MOD10, is_distinct=True),
    _rule("USPS number of 30 digits", r"94[0-9]{28}", check=_MOD10),
    _rule("USPS number of 20 digits", r"(?!00)[0-9]{20}", check=_MOD10),
    _rule(
        "USPS number of 20 digits, the leading 91 left out",
        r"(?!9[1-5])[0-9]{20}",
        check=_MOD10,
        checked="91{0}",
    ),
    _rule("USPS number of 20 digits, the leading 91 added", r"(?!9[1-5]|00)[0-9]{20}", "91{0}", check=_MOD10),
    _rule(
        "USPS number of 22 digits, the leading 91 removed",
        r"91([0-9]{20})",
        "{1}",
        check=_MOD10,
        checked="91{1}",
    ),
)

_FEDEX_11 = check_digits.has_fedex_mod11
_FEDEX = (
    _rule(
        "FedEx Ground Economy (SmartPost) number without the leading 92",
        r"(?:420[0-9]{5}(?:[0-9]{4})?)?92([0-9]{20})",
        "{1}",
        check=_MOD10,
        checked="92{1}",
    ),
    _rule("FedEx Ground Economy (SmartPost) number", r"(?:02|61)[0-9]{18}", check=_MOD10, checked="92{0}"),
    _rule(
        "FedEx Ground Economy (SmartPost) number, the leading 92 added",
        r"(?:02|61)[0-9]{18}",
        "92{0}",
        check=_MOD10,
    ),
    _rule("FedEx label, the last 12 digits", r"(?:10|96)[0-9]{20}([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("FedEx label, the last 14 digits", r"(?:10|96)[0-9]{18}([1-9][0-9]{13})", "{1}", check=_FEDEX_11),
    _rule("FedEx label, the last 12 digits", r"(?!10|96)[0-9]{20}00([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule(
        "FedEx Express label (ASTRA), the number in it",
        r"[0-9]{16}([0-9]{12})[0-9]{4}",
        "{1}",
        check=_FEDEX_11,
    ),
    _rule("FedEx Express label (ASTRA), the last 12 digits", r"[0-9]{20}([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("FedEx Ground label, the last 15 digits", r"96[0-9]{17}([0-9]{15})", "{1}", check=_MOD10),
    _rule("FedEx Ground label, the last 15 digits", r"96[0-9]{5}([0-9]{15})", "{1}", check=_MOD10),
    _rule("FedEx Ground label, the last 15 digits", r"96[0-9]{3}([0-9]{15})", "{1}", check=_MOD10),
    _rule("FedEx label, the last 12 digits", r"96[0-9]{6,8}([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("FedEx Express number", r"[0-9]{12}", check=_FEDEX_11),
    _rule("FedEx Express number, form number removed", r"([0-9]{12})0[2-8][0-9]{2}", "{1}", check=_FEDEX_11),
    _rule("FedEx Express number, leading zeros removed", r"00([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("FedEx Ground number", r"[0-9]{15}", check=_MOD10),
    _rule("FedEx door tag", r"DT[0-9]{12}", is_distinct=True),
)

_S10 = check_digits.has_s10
_POSTS = (
    _rule("USPS number (S10)", r"[A-Z]{2}[0-9]{9}US", check=_S10, is_distinct=True),
    _rule("Royal Mail number", r"[A-Z]{2}[0-9]{9}GB", check=_S10, is_distinct=True),
    _rule("Canada Post number", r"[A-Z]{2}[0-9]{9}CA", check=_S10, is_distinct=True),
    _rule("Australia Post number", r"[A-Z]{2}[0-9]{9}AU", check=_S10, is_distinct=True),
    _rule("Postal number (S10)", rf"[A-Z]{{2}}[0-9]{{9}}(?:{_COUNTRIES})", check=_S10, is_distinct=True),
    _rule("Canada Post number", r"[0-9]{16}", check=_MOD10),
    _rule(
        "Australia Post label, the article number in it",
        r"0199312650999998(?:91)?([0-9A-Z]{14,23}?)(?:(?:8008[0-9]{8,12}|420[0-9]{4}|92[0-9A-Z]{1,12})*)",
        "{1}",
        is_distinct=True,
    ),
    _rule("Australia Post article", r"(?=[0-9]*[A-Z])(?:[0-9A-Z]{3}|[0-9A-Z]{5})[0-9]{9}000[0-9]{6}"),
    _rule(
        "Australia Post consignment, article removed",
        r"(?=[0-9]*[A-Z])((?:[0-9A-Z]{3}|[0-9A-Z]{5})[0-9]{7})[0-9]{2}000[0-9]{6}",
        "{1}",
    ),
    _rule("Deutsche Post number", r"(?=[0-9]+[A-F])[0-9]{2}[0-9A-F]{7}[0-9]{4}[0-9A-F]{7}"),
)

_DHL = (
    _rule("DHL Express waybill", r"[0-9]{10,11}", check=check_digits.has_mod7),
    _rule("DHL or Yodel number, the leading J removed", r"J(JD[0-9]{9,24})", "{1}", is_distinct=True),
    _rule("Yodel number", r"JJ?D000[0-9]{13}", is_distinct=True),
    _rule("DHL piece number", r"J(?:D|JD|VGL|JVGL)[0-9]{9,24}", is_distinct=True),
    _rule("DHL piece number", r"J(?!JFI)[A-Z]{1,3}[0-9]{9,24}"),
    _rule("DHL Parcel number (Germany)", r"0034043[0-9]{13}", check=_MOD10),
    _rule("DHL or Yodel number, a leading J added", r"JD[0-9]{9,24}", "J{0}", is_distinct=True),
    _rule(
        "DHL eCommerce number",
        rf"(?:{_ZIP}(?:[0-9]{{4}})?)?((?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9][0-9A-Z]{{9,38}})",
        "{1}",
    ),
    _rule("DHL eCommerce number", r"33[0-9]{14,15}"),
)

_DPD = check_digits.has_mod37_36
_DPD_SIGN = check_digits.mod37_36_sign
_IN_DPD = r"[0-9A-Z]{7}([0-9]{14})[0-9]{6}"
_IN_DPD_LETTER = r"[0-9A-Z]{7}([0-9]{13}[A-Z])[0-9]{6}"
_DPD_COUNTRIES = (
    "040|056|100|112|191|203|208|233|246|250|276|300|348|372|380|428|438|440|442|492|498|499|528|578|616|620|642|643|"
    "688|703|705|724|752|756|804|807|826"
)
"""The countries that DPD serves, by their ISO numbers, as at the end of its labels."""

_DPD_WORDS = "DPD label, the parcel number in its middle"
_DPD_LABELS = (
    _rule(_DPD_WORDS, rf"{_IN_DPD}[0-9A-Z]", "{1}", check=_DPD, checked="{0}"),
    _rule(
        f"{_DPD_WORDS}, with its check sign",
        rf"{_IN_DPD}[0-9A-Z]",
        "{1}",
        check=_DPD,
        checked="{0}",
        ending=_DPD_SIGN,
    ),
    _rule(_DPD_WORDS, rf"%{_IN_DPD}", "{1}", is_distinct=True),
    _rule(f"{_DPD_WORDS}, with its check sign", rf"%{_IN_DPD}", "{1}", is_distinct=True, ending=_DPD_SIGN),
    _rule(_DPD_WORDS, rf"%{_IN_DPD_LETTER}", "{1}", is_distinct=True),
    _rule(_DPD_WORDS, rf"{_IN_DPD_LETTER}[0-9A-Z]", "{1}", check=_DPD, checked="{0}"),
    _rule(
        f"{_DPD_WORDS}, without the sign before it",
        rf"[0-9A-Z]{{7}}([0-9]{{13}}[0-9A-Z])[1-3][0-9]{{2}}(?:{_DPD_COUNTRIES})",
        "{1}",
    ),
    _rule("DPD number, check sign removed", r"([0-9]{14})[0-9A-Z]", "{1}", check=_DPD, checked="{0}"),
)

_AMERICA = (
    _rule("OnTrac number", r"[CD][0-9]{14}", check=check_digits.has_ontrac, is_distinct=True),
    _rule("LaserShip number", r"(1LS[0-9]{13})1", "{1}-1", is_distinct=True),
    _rule("LaserShip number", r"1LS[0-9A-Z]{9,20}", is_distinct=True),
    _rule("LaserShip number, the piece's digit removed", r"(1LS[0-9]{13})[0-9]", "{1}", is_distinct=True),
    _rule("LaserShip number", r"L[AEHINSWX][0-9]{8,9}"),
    _rule("Amazon number", r"TB[ABCM][0-9]{12}", is_distinct=True),
    _rule("Amazon number", r"TBA[A-Z]{1,4}[0-9]{8,12}", is_distinct=True),
    _rule("Amazon number", r"(?:AT|BE|DE|ES|FR|IE|IT|NL|PL|SE|UK)[0-9]{10}"),
    _rule("Amazon number", r"[ACF][0-9]{10}"),
    _rule("Canpar number", r"[CDKLSUXZ][0-9]{21}", is_distinct=True),
    _rule("Purolator number", r"[0-5][0-9]{11}", check=check_digits.has_luhn),
    _rule(
        "Purolator label, the number in its middle",
        r"(?!10|96|420|9[1-5])[0-9]{11}(3[23][0-9]{10})[0-9]{11}",
        "{1}",
        check=check_digits.has_luhn,
    ),
    _rule("Purolator number", r"(?!BYS)[A-Z]{3}[0-9]{9}"),
    _rule("Old Dominion number", r"(?:07|7[78]|80)[0-9]{9}", check=check_digits.has_luhn),
    _rule("Spee-Dee number", r"SP[0-9]{18}", is_distinct=True),
    _rule("GOFO number", r"GF[A-Z]{2}[0-9]{14}", is_distinct=True),
    _rule("UniUni number", r"UU[A-Z][0-9A-Z]{2}[0-9A-Z]{2}[0-9]{10,18}", is_distinct=True),
    _rule("UniUni number", r"4C[0-9]{9}US", is_distinct=True),
    _rule("Better Trucks number", r"BTS([0-9A-Z]{8,20})", "BTS_{1}"),
    _rule("SpeedX number", r"SPX[0-9A-Z]{3}[0-9]{10,14}", is_distinct=True),
)

_EUROPE = (
    _rule("Evri (Hermes) number", r"(?=[A-Z0-9]{0,5}[A-Z])[A-Z0-9]{6}[0-9]{10}"),
    _rule("Hermes number", r"H[0-9]{19}", is_distinct=True),
    _rule("Parcelforce number", r"PB[A-Z]{2}[0-9]{10}", is_distinct=True),
    _rule("PostNL number", r"3S[A-Z]{1,4}[0-9]{6,13}", is_distinct=True),
    _rule("bpost number", r"32(?:32|99)[0-9]{14}(?:[0-9]{6})?"),
    _rule("Colissimo number", r"[0-9][A-Z]([0-9]{11})", check=_MOD10, checked="{1}"),
    _rule("Swiss Post number", r"9[89][0-9]{16}"),
    _rule("PostNord number", r"[0-9]{11}SE"),
    _rule("Posti number", r"JJFI[0-9]{17}", is_distinct=True),
    _rule("Packeta number", r"Z[0-9]{10}"),
)

_ASIA = (
    _rule("YunExpress number", r"YT[0-9]{16}", is_distinct=True),
    _rule("4PX number", r"4PX[0-9]{13}CN", is_distinct=True),
    _rule("Cainiao number", r"(?:LP|CNG)[0-9]{14}|CNUSUP[0-9]{8,11}", is_distinct=True),
    _rule("SF Express number", r"SF[0-9]{13}", is_distinct=True),
    _rule("SunYou number", r"SY(?:[0-9]{11}|AE[0-9]{9})"),
    _rule("Yanwen number", r"BYS[0-9]{9}"),
)

_ANYWHERE = (
    _rule("Landmark Global number", r"LTN[0-9]{8,9}N[0-9]", is_distinct=True),
    _rule("Shipping container number (SSCC)", r"[0-9]{18}", check=_MOD10),
    _rule("DPD, Hermes or DHL eCommerce number of 14 digits", r"[0-9]{14}"),
)

CARRIER_RULES: tuple[Rule, ...] = (
    *_UPS,
    *_USPS,
    *_FEDEX,
    *_POSTS,
    *_DHL,
    *_AMERICA,
    *_DPD_LABELS,
    *_EUROPE,
    *_ASIA,
    *_ANYWHERE,
)
"""The forms of carriers' numbers, most likely first."""


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
