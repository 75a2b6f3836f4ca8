"""The languages that the program ships, each a catalogue, and which of them is spoken."""

from __future__ import annotations

import errno
import math
import re
import struct
from collections.abc import Sequence
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

# --- a language to test with ------------------------------------------------------------------------

LONGER = 0.4
"""By how much pseudo-translation lengthens a text."""

_ACCENTED = str.maketrans(
    "ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz",
    "ÅÇĐÉĜĤÎĴĶĻÑÖŘŠŢÛŴÝŽåçđéğĥîĵķļñöřšţûŵýž",
)
_FILLING = "öñé ţŵö ţĥŕéé "
_KEPT = re.compile(r"(\{[^{}]*\})")


class PseudoTranslations(NullTranslations):
    """Makes every translation from its English text: every letter accented, every text 40 % longer.

    Plain English left on a screen was never looked up; what is cut off leaves no room for longer
    languages such as German.
    """

    def gettext(self, message: str) -> str:
        """Return the accented, longer text."""
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the accented, longer form that English has for ``n``."""
        return pseudo(msgid1 if n == 1 else msgid2)


def pseudo(text: str) -> str:
    """Accent a text and lengthen it; its ``{placeholders}`` stay.

    One word stays one word, to show the room that a longer one needs. Final punctuation stays last.
    """
    parts = _KEPT.split(text)
    said = "".join(part if part.startswith("{") else part.translate(_ACCENTED) for part in parts)
    size = math.ceil(LONGER * sum(len(part) for part in parts if not part.startswith("{")))
    body = said.rstrip(" .!?…:")
    end = said[len(body) :]
    if " " not in text:
        return f"{body}{'éö' * (size // 2)}{'é' * (size % 2)}{end}"
    filling = (_FILLING * (size // len(_FILLING) + 1))[: size - 1].rstrip()
    return f"{body} {filling}{end}" if filling else f"{body}{end}"


# --- those that are shipped -------------------------------------------------------------------------

ENGLISH = "en"
"""What the sentences in the source are written in; it needs no catalogue."""

SYSTEM = "system"
"""The setting that follows the language of the computer."""

PSEUDO = "pseudo"
"""The language that shows what is not translated and what has no room; made, not stored."""

DOMAIN = "loopdesk"
"""The name of every catalogue's file."""


def shipped_languages(locales: Path) -> tuple[str, ...]:
    """Return the languages of this installation: English, and each that has a catalogue.

    Args:
        locales: The folder ``locales`` of the shipped files.
    """
    found = locales.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return tuple(sorted({ENGLISH, *(path.parent.parent.name for path in found)}))


def chosen_language(wanted: str, systems: Sequence[str], locales: Path) -> str:
    """Return the language to speak.

    Args:
        wanted: The setting.
        systems: What the computer's user reads, the best first: "de-AT", "de_AT.UTF-8", "en".
        locales: As for ``shipped_languages``.
    """
    if wanted == PSEUDO:
        return PSEUDO
    shipped = shipped_languages(locales)
    told = systems if wanted == SYSTEM else (wanted,)
    for name in told:
        language = name.replace("-", "_").partition(".")[0].partition("_")[0].lower()
        if language in shipped:
            return language
    return ENGLISH


def catalogue_of(language: str, locales: Path) -> NullTranslations | None:
    """Read a language's catalogue; None for English, which has none.

    Args:
        language: What ``chosen_language`` returned.
        locales: As for ``shipped_languages``.

    Raises:
        OSError: The installation lacks it, or it cannot be read.
    """
    if language == ENGLISH:
        return None
    if language == PSEUDO:
        return PseudoTranslations()
    path = locales / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with path.open("rb") as file:
        try:
            return GNUTranslations(file)
        except (struct.error, ValueError, LookupError, OSError) as failure:
            raise OSError(errno.EILSEQ, "damaged", str(path)) from failure
