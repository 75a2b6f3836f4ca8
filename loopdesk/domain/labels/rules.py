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
        words: What the screen says if this rule found a return ("usps_label_zip_removed").
        pattern: Matches the whole tight text.
        code: Template of the number as Loop stores it: "{0}" is the text, "{1}" the pattern's group.
        check: Tells whether the check digit is valid; None if the form has none.
        checked: Template of what the check digit covers, if that is not the number itself.
        is_distinct: Nothing else looks like this, so a wrong check digit means a misread.
        ending: Computes what must follow the number, such as a check character that this barcode lacks.
    """

    name: str
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


def _rule(name: str, pattern: str, code: str = "{0}", **more: object) -> Rule:
    return Rule(name, re.compile(pattern, re.ASCII), code, **more)  # type: ignore[arg-type]


_UPS = (
    _rule("ups_label", r"1Z[0-9A-Z]{16}", check=check_digits.has_ups, is_distinct=True),
    _rule("ups_mail_innovations", r"MI[0-9]{6}[0-9A-Z]{1,24}", is_distinct=True),
    _rule("ups_mail_innovations", r"80[0-9]{16}"),
    _rule("ups_waybill", r"[AHJKTV][0-9]{10}", check=check_digits.has_ups_waybill),
    _rule("ups_letter_and_digits", r"[FMQTW][0-9]{10}"),
)

_USPS = (  # IMpb: 91 to 95, then 20 or 24 digits, 94 also 28; and carriers that hand over to USPS
    _rule("usps_label_zip_removed", rf"{_ZIP}(9[1-5][0-9]{{20}})", "{1}", check=_MOD10, is_distinct=True),
    _rule("usps_label_zip4_removed", rf"{_ZIP4}(9[1-5][0-9]{{20}})", "{1}", check=_MOD10),
    _rule("usps_label_26_digits_zip_removed", rf"{_ZIP}(9[1-5][0-9]{{24}})", "{1}", check=_MOD10),
    _rule("usps_label_26_digits_zip4_removed", rf"{_ZIP4}(9[1-5][0-9]{{24}})", "{1}", check=_MOD10),
    _rule("usps_label_30_digits_zip_removed", rf"{_ZIP}(94[0-9]{{28}})", "{1}", check=_MOD10),
    _rule("usps_label_30_digits_zip4_removed", rf"{_ZIP4}(94[0-9]{{28}})", "{1}", check=_MOD10),
    _rule("usps_label_20_digits_zip_removed", rf"{_ZIP}([0-9]{{20}})", "{1}", check=_MOD10),
    _rule("usps_label_20_digits_zip4_removed", rf"{_ZIP4}([0-9]{{20}})", "{1}", check=_MOD10),
    _rule(
        "usps_label_20_digits_zip_removed",
        rf"{_ZIP}([0-9]{{20}})",
        "{1}",
        check=_MOD10,
        checked="91{1}",
    ),
    _rule("usps", r"9[1-5][0-9]{20}", check=_MOD10, is_distinct=True),
    _rule("usps_26_digits", r"9[1-5][0-9]{24}", check=_MOD10, is_distinct=True),
    _rule("usps_30_digits", r"94[0-9]{28}", check=_MOD10),
    _rule("usps_20_digits", r"(?!00)[0-9]{20}", check=_MOD10),
    _rule(
        "usps_20_digits_91_left_out",
        r"(?!9[1-5])[0-9]{20}",
        check=_MOD10,
        checked="91{0}",
    ),
    _rule("usps_20_digits_91_added", r"(?!9[1-5]|00)[0-9]{20}", "91{0}", check=_MOD10),
    _rule(
        "usps_22_digits_91_removed",
        r"91([0-9]{20})",
        "{1}",
        check=_MOD10,
        checked="91{1}",
    ),
)

_FEDEX_11 = check_digits.has_fedex_mod11
_FEDEX = (
    _rule(
        "fedex_smartpost_92_removed",
        r"(?:420[0-9]{5}(?:[0-9]{4})?)?92([0-9]{20})",
        "{1}",
        check=_MOD10,
        checked="92{1}",
    ),
    _rule("fedex_smartpost", r"(?:02|61)[0-9]{18}", check=_MOD10, checked="92{0}"),
    _rule(
        "fedex_smartpost_92_added",
        r"(?:02|61)[0-9]{18}",
        "92{0}",
        check=_MOD10,
    ),
    _rule("fedex_label_last_12", r"(?:10|96)[0-9]{20}([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("fedex_label_last_14", r"(?:10|96)[0-9]{18}([1-9][0-9]{13})", "{1}", check=_FEDEX_11),
    _rule("fedex_label_last_12", r"(?!10|96)[0-9]{20}00([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule(
        "fedex_astra",
        r"[0-9]{16}([0-9]{12})[0-9]{4}",
        "{1}",
        check=_FEDEX_11,
    ),
    _rule("fedex_astra_last_12", r"[0-9]{20}([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("fedex_ground_label_last_15", r"96[0-9]{17}([0-9]{15})", "{1}", check=_MOD10),
    _rule("fedex_ground_label_last_15", r"96[0-9]{5}([0-9]{15})", "{1}", check=_MOD10),
    _rule("fedex_ground_label_last_15", r"96[0-9]{3}([0-9]{15})", "{1}", check=_MOD10),
    _rule("fedex_label_last_12", r"96[0-9]{6,8}([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("fedex_express", r"[0-9]{12}", check=_FEDEX_11),
    _rule("fedex_express_form_removed", r"([0-9]{12})0[2-8][0-9]{2}", "{1}", check=_FEDEX_11),
    _rule("fedex_express_zeros_removed", r"00([0-9]{12})", "{1}", check=_FEDEX_11),
    _rule("fedex_ground", r"[0-9]{15}", check=_MOD10),
    _rule("fedex_door_tag", r"DT[0-9]{12}", is_distinct=True),
)

_S10 = check_digits.has_s10
_POSTS = (
    _rule("usps_s10", r"[A-Z]{2}[0-9]{9}US", check=_S10, is_distinct=True),
    _rule("royal_mail", r"[A-Z]{2}[0-9]{9}GB", check=_S10, is_distinct=True),
    _rule("canada_post", r"[A-Z]{2}[0-9]{9}CA", check=_S10, is_distinct=True),
    _rule("australia_post", r"[A-Z]{2}[0-9]{9}AU", check=_S10, is_distinct=True),
    _rule("s10", rf"[A-Z]{{2}}[0-9]{{9}}(?:{_COUNTRIES})", check=_S10, is_distinct=True),
    _rule("canada_post", r"[0-9]{16}", check=_MOD10),
    _rule(
        "australia_post_label",
        r"0199312650999998(?:91)?([0-9A-Z]{14,23}?)(?:(?:8008[0-9]{8,12}|420[0-9]{4}|92[0-9A-Z]{1,12})*)",
        "{1}",
        is_distinct=True,
    ),
    _rule("australia_post_article", r"(?=[0-9]*[A-Z])(?:[0-9A-Z]{3}|[0-9A-Z]{5})[0-9]{9}000[0-9]{6}"),
    _rule(
        "australia_post_consignment",
        r"(?=[0-9]*[A-Z])((?:[0-9A-Z]{3}|[0-9A-Z]{5})[0-9]{7})[0-9]{2}000[0-9]{6}",
        "{1}",
    ),
    _rule("deutsche_post", r"(?=[0-9]+[A-F])[0-9]{2}[0-9A-F]{7}[0-9]{4}[0-9A-F]{7}"),
)

_DHL = (
    _rule("dhl_express_waybill", r"[0-9]{10,11}", check=check_digits.has_mod7),
    _rule("dhl_or_yodel_j_removed", r"J(JD[0-9]{9,24})", "{1}", is_distinct=True),
    _rule("yodel", r"JJ?D000[0-9]{13}", is_distinct=True),
    _rule("dhl_piece", r"J(?:D|JD|VGL|JVGL)[0-9]{9,24}", is_distinct=True),
    _rule("dhl_piece", r"J(?!JFI)[A-Z]{1,3}[0-9]{9,24}"),
    _rule("dhl_parcel_germany", r"0034043[0-9]{13}", check=_MOD10),
    _rule("dhl_or_yodel_j_added", r"JD[0-9]{9,24}", "J{0}", is_distinct=True),
    _rule(
        "dhl_ecommerce",
        rf"(?:{_ZIP}(?:[0-9]{{4}})?)?((?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9][0-9A-Z]{{9,38}})",
        "{1}",
    ),
    _rule("dhl_ecommerce", r"33[0-9]{14,15}"),
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

_DPD_NAME = "dpd_label"
_DPD_WITH_SIGN = "dpd_label_with_sign"
_DPD_LABELS = (
    _rule(_DPD_NAME, rf"{_IN_DPD}[0-9A-Z]", "{1}", check=_DPD, checked="{0}"),
    _rule(
        _DPD_WITH_SIGN,
        rf"{_IN_DPD}[0-9A-Z]",
        "{1}",
        check=_DPD,
        checked="{0}",
        ending=_DPD_SIGN,
    ),
    _rule(_DPD_NAME, rf"%{_IN_DPD}", "{1}", is_distinct=True),
    _rule(_DPD_WITH_SIGN, rf"%{_IN_DPD}", "{1}", is_distinct=True, ending=_DPD_SIGN),
    _rule(_DPD_NAME, rf"%{_IN_DPD_LETTER}", "{1}", is_distinct=True),
    _rule(_DPD_NAME, rf"{_IN_DPD_LETTER}[0-9A-Z]", "{1}", check=_DPD, checked="{0}"),
    _rule(
        "dpd_label_without_sign",
        rf"[0-9A-Z]{{7}}([0-9]{{13}}[0-9A-Z])[1-3][0-9]{{2}}(?:{_DPD_COUNTRIES})",
        "{1}",
    ),
    _rule("dpd_check_sign_removed", r"([0-9]{14})[0-9A-Z]", "{1}", check=_DPD, checked="{0}"),
)

_AMERICA = (
    _rule("ontrac", r"[CD][0-9]{14}", check=check_digits.has_ontrac, is_distinct=True),
    _rule("lasership", r"(1LS[0-9]{13})1", "{1}-1", is_distinct=True),
    _rule("lasership", r"1LS[0-9A-Z]{9,20}", is_distinct=True),
    _rule("lasership_piece_removed", r"(1LS[0-9]{13})[0-9]", "{1}", is_distinct=True),
    _rule("lasership", r"L[AEHINSWX][0-9]{8,9}"),
    _rule("amazon", r"TB[ABCM][0-9]{12}", is_distinct=True),
    _rule("amazon", r"TBA[A-Z]{1,4}[0-9]{8,12}", is_distinct=True),
    _rule("amazon", r"(?:AT|BE|DE|ES|FR|IE|IT|NL|PL|SE|UK)[0-9]{10}"),
    _rule("amazon", r"[ACF][0-9]{10}"),
    _rule("canpar", r"[CDKLSUXZ][0-9]{21}", is_distinct=True),
    _rule("purolator", r"[0-5][0-9]{11}", check=check_digits.has_luhn),
    _rule(
        "purolator_label",
        r"(?!10|96|420|9[1-5])[0-9]{11}(3[23][0-9]{10})[0-9]{11}",
        "{1}",
        check=check_digits.has_luhn,
    ),
    _rule("purolator", r"(?!BYS)[A-Z]{3}[0-9]{9}"),
    _rule("old_dominion", r"(?:07|7[78]|80)[0-9]{9}", check=check_digits.has_luhn),
    _rule("spee_dee", r"SP[0-9]{18}", is_distinct=True),
    _rule("gofo", r"GF[A-Z]{2}[0-9]{14}", is_distinct=True),
    _rule("uniuni", r"UU[A-Z][0-9A-Z]{2}[0-9A-Z]{2}[0-9]{10,18}", is_distinct=True),
    _rule("uniuni", r"4C[0-9]{9}US", is_distinct=True),
    _rule("better_trucks", r"BTS([0-9A-Z]{8,20})", "BTS_{1}"),
    _rule("speedx", r"SPX[0-9A-Z]{3}[0-9]{10,14}", is_distinct=True),
)

_EUROPE = (
    _rule("evri", r"(?=[A-Z0-9]{0,5}[A-Z])[A-Z0-9]{6}[0-9]{10}"),
    _rule("hermes", r"H[0-9]{19}", is_distinct=True),
    _rule("parcelforce", r"PB[A-Z]{2}[0-9]{10}", is_distinct=True),
    _rule("postnl", r"3S[A-Z]{1,4}[0-9]{6,13}", is_distinct=True),
    _rule("bpost", r"32(?:32|99)[0-9]{14}(?:[0-9]{6})?"),
    _rule("colissimo", r"[0-9][A-Z]([0-9]{11})", check=_MOD10, checked="{1}"),
    _rule("swiss_post", r"9[89][0-9]{16}"),
    _rule("postnord", r"[0-9]{11}SE"),
    _rule("posti", r"JJFI[0-9]{17}", is_distinct=True),
    _rule("packeta", r"Z[0-9]{10}"),
)

_ASIA = (
    _rule("yunexpress", r"YT[0-9]{16}", is_distinct=True),
    _rule("4px", r"4PX[0-9]{13}CN", is_distinct=True),
    _rule("cainiao", r"(?:LP|CNG)[0-9]{14}|CNUSUP[0-9]{8,11}", is_distinct=True),
    _rule("sf_express", r"SF[0-9]{13}", is_distinct=True),
    _rule("sunyou", r"SY(?:[0-9]{11}|AE[0-9]{9})"),
    _rule("yanwen", r"BYS[0-9]{9}"),
)

_ANYWHERE = (
    _rule("landmark_global", r"LTN[0-9]{8,9}N[0-9]", is_distinct=True),
    _rule("sscc", r"[0-9]{18}", check=_MOD10),
    _rule("14_digits", r"[0-9]{14}"),
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
        """The candidate for the number; the remark's code is appended to the rule's."""
        return Candidate(self.code, CandidateKind.TRACKING, f"{self.rule.name}{remark}")


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
        remark: Its code, appended to the rule's.
        only_certain: Leave out guesses by length.
    """
    names: dict[str, list[str]] = {}
    for match in found:
        if match.is_certain or (match.is_sound and not only_certain):
            names.setdefault(match.code, []).append(match.rule.name)
    for code, rules in names.items():
        rule = "|".join(dict.fromkeys(rules))
        yield Candidate(code, CandidateKind.TRACKING, f"{rule}{remark}")
