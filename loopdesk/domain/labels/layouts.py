"""Codes that a keyboard layout or a person changed on the way, and what they may have been.

A scanner presses the keys of a US keyboard. A computer with another layout types other characters for them,
always the same ones, so the garbling can be recognized and often undone.

A guess counts only if a return has exactly that number or name, and every return that a guess leads to is
offered. No guess builds on another.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from loopdesk.domain.labels import links
from loopdesk.domain.labels.rules import is_distinct
from loopdesk.domain.labels.scans import Candidate, CandidateKind, has_aim, without_aim
from loopdesk.domain.returns.returns import is_loop_id

AZERTY = "azerty"
QWERTZ = "qwertz"
DVORAK = "dvorak"
SHIFT = "shift"
WIDE = "wide"
OTHER = "other"

_US = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
_US_SHIFTED = '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to undo the garbling: the layout's code, and what the scanner sent."""

    layout: str
    text: str


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the US keys of a scanner become.

    Attributes:
        to_us: The US character for each character of the layout.
        digits: What the digit keys type without Shift, if that is not a digit.
    """

    name: str
    to_us: dict[int, str]
    digits: frozenset[str]


def _layout(name: str, plain: str, shifted: str) -> _Layout:
    """Make a layout from what its keys type without and with Shift, in the order of ``_US``."""
    to_us: dict[int, str] = {}
    for sign, us in zip(plain + shifted, _US + _US_SHIFTED, strict=True):
        to_us.setdefault(ord(sign), us)
    to_us.pop(ord(" "), None)  # a key without a character
    return _Layout(name, to_us, frozenset(sign for sign in plain[1:11] if not sign.isdigit()))


_LAYOUTS = (
    _layout(
        AZERTY,
        "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!",
        "~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
    ),
    _layout(
        AZERTY,
        "@&é\"'(§è!çà)-azertyuiop^$`qsdfghjklmùwxcvbn,;:=",
        "#1234567890°_AZERTYUIOP¨*£QSDFGHJKLM%WXCVBN?./+",
    ),
    _layout(
        "belgian",
        "²&é\"'(§è!çà)-azertyuiop^$µqsdfghjklmùwxcvbn,;:=",
        "³1234567890°_AZERTYUIOP¨*£QSDFGHJKLM%WXCVBN?./+",
    ),
    _layout(
        QWERTZ,
        "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
    ),
    _layout(
        "swiss",
        "§1234567890'^qwertzuiopü¨$asdfghjklöäyxcvbnm,.-",
        '°+"*ç%&/()=?`QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_',
    ),
    _layout(
        "swiss",
        "§1234567890'^qwertzuiopè¨$asdfghjkléàyxcvbnm,.-",
        '°+"*ç%&/()=?`QWERTZUIOPü!£ASDFGHJKLöäYXCVBNM;:_',
    ),
    _layout(
        "swedish",
        "§1234567890+´qwertyuiopå¨'asdfghjklöäzxcvbnm,.-",
        '½!"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÖÄZXCVBNM;:_',
    ),
    _layout(
        "norwegian",
        "|1234567890+\\qwertyuiopå¨'asdfghjkløæzxcvbnm,.-",
        '§!"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLØÆZXCVBNM;:_',
    ),
    _layout(
        "danish",
        "½1234567890+´qwertyuiopå¨'asdfghjklæøzxcvbnm,.-",
        '§!"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÆØZXCVBNM;:_',
    ),
    _layout(
        "italian",
        "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-",
        '|!"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_',
    ),
    _layout(
        "spanish",
        "º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-",
        'ª!"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_',
    ),
    _layout(
        "latin_american",
        "|1234567890'¿qwertyuiop´+}asdfghjklñ{zxcvbnm,.-",
        '°!"#$%&/()=?¡QWERTYUIOP¨*]ASDFGHJKLÑ[ZXCVBNM;:_',
    ),
    _layout(
        "portuguese",
        "\\1234567890'«qwertyuiop+´~asdfghjklçºzxcvbnm,.-",
        '|!"#$%&/()=?»QWERTYUIOP*`^ASDFGHJKLÇªZXCVBNM;:_',
    ),
    _layout(
        "brazilian",
        "'1234567890-=qwertyuiop´[]asdfghjklç~zxcvbnm,.;",
        '"!@#$%¨&*()_+QWERTYUIOP`{}ASDFGHJKLÇ^ZXCVBNM<>:',
    ),
    _layout(
        "british",
        "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./",
        '¬!"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?',
    ),
    _layout(
        "czech",
        ";+ěščřžýáíé=´qwertzuiopú)¨asdfghjklů§yxcvbnm,.-",
        "°1234567890%ˇQWERTZUIOP/('ASDFGHJKL\"!YXCVBNM?:_",
    ),
    _layout(
        "slovak",
        ";+ľščťžýáíé=´qwertzuiopúäňasdfghjklô§yxcvbnm,.-",
        '°1234567890%ˇQWERTZUIOP/()ASDFGHJKL"!YXCVBNM?:_',
    ),
    _layout(
        "hungarian",
        "0123456789öüóqwertzuiopőúűasdfghjkléáyxcvbnm,.-",
        "§'\"+!%/=()ÖÜÓQWERTZUIOPŐÚŰASDFGHJKLÉÁYXCVBNM?:_",
    ),
    _layout(
        "croatian",
        "`1234567890'+qwertzuiopšđžasdfghjklčćyxcvbnm,.-",
        '~!"#$%&/()=?*QWERTZUIOPŠĐŽASDFGHJKLČĆYXCVBNM;:_',
    ),
    _layout(
        "turkish",
        '"1234567890*-qwertyuıopğü,asdfghjklşizxcvbnmöç.',
        "é!'^+%&/()=?_QWERTYUIOPĞÜ;ASDFGHJKLŞİZXCVBNMÖÇ:",
    ),
    _layout(
        "canadian_french",
        "#1234567890-=qwertyuiop^¸<asdfghjkl;`zxcvbnm,.é",
        "|!\"/$%?&*()_+QWERTYUIOP^¨>ASDFGHJKL:`ZXCVBNM'.É",
    ),
    _layout(
        "japanese",
        " 1234567890-^qwertyuiop@[]asdfghjkl;:zxcvbnm,./",
        " !\"#$%&'()~=~QWERTYUIOP`{}ASDFGHJKL+*ZXCVBNM<>?",
    ),
    _layout(
        DVORAK,
        "`1234567890[]',.pyfgcrl/=\\aoeuidhtns-;qjkxbmwvz",
        '~!@#$%^&*(){}"<>PYFGCRL?+|AOEUIDHTNS_:QJKXBMWVZ',
    ),
    _layout(
        "russian",
        "ё1234567890-=йцукенгшщзхъ\\фывапролджэячсмитьбю.",
        'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,',
    ),
    _layout(
        "ukrainian",
        "'1234567890-=йцукенгшщзхїґфівапролджєячсмитьбю.",
        'ʼ!"№;%:?*()_+ЙЦУКЕНГШЩЗХЇҐФІВАПРОЛДЖЄЯЧСМИТЬБЮ,',
    ),
    _layout(
        "greek",
        "`1234567890-=;ςερτυθιοπ[]\\ασδφγηξκλ´'ζχψωβνμ,./",
        '~!@#$%^&*()_+:ΣΕΡΤΥΘΙΟΠ{}|ΑΣΔΦΓΗΞΚΛ¨"ΖΧΨΩΒΝΜ<>?',
    ),
    _layout(
        "hebrew",
        ";1234567890-=/'קראטוןםפ][\\שדגכעיחלךף,זסבהנמצתץ.",
        '~!@#$%^&*)(_+QWERTYUIOP}{|ASDFGHJKL:"ZXCVBNM><?',
    ),
)
"""The keyboards of the countries that ship, likeliest first (from xkeyboard-config, levels 1 and 2)."""

_LETTERS_OF_AZERTY = str.maketrans("azqwAZQW", "qwazQWAZ")
_EXCHANGES = (
    (AZERTY, _LETTERS_OF_AZERTY),
    (QWERTZ, str.maketrans("yzYZ", "zyZY")),
    (DVORAK, next(layout.to_us for layout in _LAYOUTS if layout.name == DVORAK)),
)
"""The layouts that swap letters."""

_SHIFTED_DIGITS = str.maketrans('!@#$%^&*()_+{}|:"<>?~', "1234567890-=[]\\;',./`")
_DEAD = {"\u0300": "`", "\u0301": "´", "\u0302": "^", "\u0303": "~", "\u0308": "¨", "\u030c": "ˇ"}
"""The dead key that put each mark on the next letter."""

_ALIKE = str.maketrans(
    "АВЕЗКМНОРСТУХІЈЅавеокмнрстухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ABE3KMHOPCTYXIJSABEOKMHPCTYXIJSABEZHIKMNOPTYX",
)
"""Letters of other scripts that look like Latin ones."""

_AZERTY_DIGITS = frozenset("&é\"'(-è_çà§!")
_ONLY_DVORAK = frozenset("<>")
_SIGNS_OF_SHIFT = frozenset("!@#$%^&*()")
_USUAL = dict.fromkeys(map(ord, f"{string.ascii_letters}{string.digits} -_./#:;,+"))
"""Characters that labels and shops print, to be removed from a text."""

_NEVER_PRINTED = frozenset("§¨£´·°¤½¬µ²³¿¡ºªˇ")
_LETTER_IN_DIGITS = re.compile(r"[0-9][^\W0-9A-Za-z_][0-9]")
_LEAST_SHIFTED = 3
_MOST_ODD = 2
_MARKED = re.compile(r"\][A-Za-z][0-9A-Za-z][^\W_]+|https?://", re.ASCII | re.IGNORECASE)
"""An AIM identifier, or a web link: a text that starts like this was nothing else."""


def folded(text: str) -> str:
    """Replace variant characters by the plain ones they stand for.

    Full-width characters, digits of other scripts, long dashes and typographic spaces mean the same as their
    plain forms; zero-width characters (which come with copied text) mean nothing.
    """
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(_folded_sign(sign) for sign in plain)


def _folded_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    match unicodedata.category(sign):
        case "Nd":
            return str(unicodedata.decimal(sign))
        case "Pd":
            return "-"
        case "Cf":
            return ""
        case "Zs":
            return " "
    return sign


def suspected(text: str) -> str:
    """Return the layout revealed by characters that no label and no shop prints; "" if there are none.

    Merely swapped letters cannot be seen here; ``readings`` offers them for a check digit to prove.
    """
    if _is_azerty_digits(text):
        return AZERTY
    if text.isascii():
        return SHIFT if _is_shifted(text) else DVORAK if _ONLY_DVORAK & set(text) else ""
    if folded(text).isascii() and not _NEVER_PRINTED & set(text):
        return WIDE if any(sign.isalnum() and not sign.isascii() for sign in text) else ""
    if not _is_never_printed(text):
        return ""
    found = min(readings(text), key=lambda one: _odd_signs(one.text), default=None)
    return found.layout if found else OTHER


def _is_never_printed(text: str) -> bool:
    """Whether accented letters occur where only a keyboard puts them: next to digits or punctuation, or in
    lower case.
    """
    letters = [sign for sign in text if sign.isalpha() and not sign.isascii()]
    latin = [sign for sign in letters if "LATIN" in unicodedata.name(sign, "")]
    plain = [sign for sign in text if sign.isascii() and sign.isalpha()]
    return bool(
        _NEVER_PRINTED & set(text)
        or _LETTER_IN_DIGITS.search(text)
        or (len(latin) > 1 and any(sign.isascii() and _odd_signs(sign) for sign in text))
        or 2 * len(latin) > sum(sign.isalnum() for sign in text)
        or (plain and all(map(str.isupper, plain)) and any(map(str.islower, latin)))
    )


@lru_cache(maxsize=16)  # one scan is looked at more than once
def readings(text: str) -> tuple[Reading, ...]:
    """Return what the scanner may have sent instead of this text, most likely first, without the text itself.

    One layout each: combinations of two wrong layouts are not considered. A reading is dropped if it has more
    odd characters than the text, or many.
    """
    return fresh_readings(text)


def fresh_readings(text: str) -> tuple[Reading, ...]:
    """Do the same and remember nothing: for a text that may be a secret."""
    if text.isascii() and text.isalnum():
        return _letters_exchanged(text)
    found = [Reading(AZERTY, text.translate(_LETTERS_OF_AZERTY))]
    for layout in _LAYOUTS:
        found.append(Reading(layout.name, _through(layout, text)))
        if layout.digits:
            found.append(Reading(layout.name, _keeping_digits(layout, text)))
    if _is_shifted(text):
        plain = text.translate(_SHIFTED_DIGITS)
        found.append(Reading(SHIFT, plain))
        if text.startswith("#"):  # which has no digit under it if it was meant literally
            found.append(Reading(SHIFT, f"#{plain[1:]}"))
    if not text.isascii():
        found.append(Reading(WIDE, folded(text)))
    odd = min(_odd_signs(text), _MOST_ODD)
    kept: dict[str, Reading] = {}
    for one in found:
        is_marked = _MARKED.match(one.text) is not None
        is_likely = is_marked or _odd_signs(one.text) <= odd
        if one.text != text and one.text.isascii() and is_likely:
            kept.setdefault(one.text, one)
    return tuple(kept.values())


def _letters_exchanged(text: str) -> tuple[Reading, ...]:
    """The readings of a text of letters and digits, quickly: nearly every scan is one."""
    if text.isdigit():  # no layout turns something else into digits only
        return ()
    found = ((name, text.translate(table)) for name, table in _EXCHANGES)
    return tuple(Reading(name, other) for name, other in found if other != text and other.isalnum())


def look_alikes(text: str) -> str:
    """Replace look-alike letters of other scripts by Latin ones; "" if there are none."""
    plain = text.translate(_ALIKE)
    return plain if plain != text and plain.isascii() else ""


def has_moved_signs(text: str, reading: str) -> bool:
    """Tell whether a reading explains a punctuation character of the text, and not merely its letters.

    Swapped letters alone could turn one shop's code into another's.
    """
    return any(not (sign.isascii() and sign.isalnum()) for sign in text) and _only_signs(text) != _only_signs(
        reading
    )


def _only_signs(text: str) -> str:
    return "".join(sign for sign in text if not (sign.isascii() and sign.isalnum()))


def _odd_signs(text: str) -> int:
    return len(text.translate(_USUAL))


def _through(layout: _Layout, text: str) -> str:
    """Undo a layout; an accented letter without a key of its own came from a dead key and the letter."""
    if text.isascii():
        return text.translate(layout.to_us)
    signs = []
    for sign in unicodedata.normalize("NFC", text):
        if ord(sign) in layout.to_us or sign.isascii():
            signs.append(sign)
        else:
            parts = unicodedata.normalize("NFD", sign)
            signs += [*(_DEAD.get(mark, mark) for mark in parts[1:]), parts[0]]
    return "".join(signs).translate(layout.to_us)


def _keeping_digits(layout: _Layout, text: str) -> str:
    """Undo a layout whose digits need Shift, for a scanner or a Caps Lock that sent digits as digits.

    There, digits come with Shift and the symbols on their keys without: a scan has one of the two, so a text
    with both is returned unchanged.
    """
    has_digits = any(sign.isdigit() for sign in text)
    if has_digits and any(sign in layout.digits for sign in text):
        return text
    return "".join(sign if sign.isdigit() else _through(layout, sign) for sign in text)


def _is_shifted(text: str) -> bool:
    """Whether a text has symbols of the digit keys and no digit: Shift was held, or is stuck."""
    signs = sum(sign in _SIGNS_OF_SHIFT for sign in text)
    return (
        signs >= _LEAST_SHIFTED
        and 2 * signs >= len(text)
        and text.isascii()
        and not any(sign.isdigit() for sign in text)
    )


def _is_azerty_digits(text: str) -> bool:
    """Whether a text consists of the symbols on the unshifted digit keys of a French keyboard."""
    signs = [sign for sign in text if not sign.isspace()]
    digits = [sign for sign in signs if sign in _AZERTY_DIGITS]
    return (
        len(digits) >= 3
        and 2 * len(digits) >= len(signs)
        and len(set(digits)) > 1
        and not any(sign.isdigit() for sign in signs)
        and all(sign.isalpha() or sign in _AZERTY_DIGITS or sign in "$?^)" for sign in signs)
    )


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
    for reading in readings(text):
        rule = f"typed:{reading.layout}"
        if reading.text.lower().startswith(_LINK) and not text.lower().startswith(_LINK):
            yield from (_guess(one, rule) for one in links.candidates(reading.text))
            continue
        is_marked = has_aim(reading.text) and not has_aim(text)
        if is_marked or has_moved_signs(text, reading.text):
            yield from _named(without_aim(reading.text).upper(), rule)
    alike = look_alikes(text)
    if alike:
        yield from _named(alike.upper(), "latin_letters")
    plain = text.upper().translate(_MISTAKEN)
    if plain != text.upper() and is_distinct(plain) and not is_distinct(text.upper()):
        yield Candidate(plain, CandidateKind.TRACKING, "digits_for_letters", is_guess=True)


def _named(code: str, rule: str) -> Iterator[Candidate]:
    if len(code) < _LEAST:
        return
    yield Candidate(code, CandidateKind.TRACKING, rule, is_guess=True, is_local=True)
    yield Candidate(code, CandidateKind.ORDER_NAME, rule, is_guess=True, is_local=True)
    if is_loop_id(code):
        yield Candidate(code, CandidateKind.RETURN_ID, rule, is_guess=True, is_local=True)
        yield Candidate(code, CandidateKind.PROVIDER_ORDER_ID, rule, is_guess=True, is_local=True)


def _guess(candidate: Candidate, rule: str) -> Candidate:
    return replace(candidate, rule=f"{candidate.rule}+{rule}", is_guess=True, is_local=True)
