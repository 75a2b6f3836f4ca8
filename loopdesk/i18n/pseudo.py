"""A language made of the English one: every letter accented, every text 40 % longer.

What still reads as plain English on a screen is looked up nowhere; what is cut off has no room for a longer
language, as German is.
"""

from __future__ import annotations

import math
import re
from gettext import NullTranslations

LONGER = 0.4
"""So much longer every text becomes."""

_ACCENTED = str.maketrans(
    "ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz",
    "ÅÇĐÉĜĤÎĴĶĻÑÖŘŠŢÛŴÝŽåçđéğĥîĵķļñöřšţûŵýž",
)
_FILLING = "öñé ţŵö ţĥŕéé "
_KEPT = re.compile(r"(\{[^{}]*\})")


class PseudoTranslations(NullTranslations):
    """Makes every translation from its English text."""

    def gettext(self, message: str) -> str:
        """Return the accented, longer text."""
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the accented, longer form that English has for ``n``."""
        return pseudo(msgid1 if n == 1 else msgid2)


def pseudo(text: str) -> str:
    """Accent a text and lengthen it; its ``{placeholders}`` stay.

    One word stays one word: the room that a longer word needs is what it shows. A full stop stays last.
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
