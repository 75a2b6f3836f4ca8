"""Words that no program would write by itself, planted as personal data and secrets, and where they stand."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

PERSONAL: Final[Mapping[str, str]] = {
    "first name": "Quillonda",
    "last name": "Vrexhaven",
    "e-mail": "qvrex@zwindle.example",
    "street": "Pflaumwinkel",
    "order": "KR-OOMPLE",
    "tracking number": "1ZQXQX0331775599",
    "note": "hedgehogsocks",
    "photo": "snorkelbird.jpg",
    "draft": "mumblecrust",
    "mystery": "crinklewhale",
    "shelf": "gnarlshelf",
    "person": "Ottoline",
    "person's e-mail": "grumbald@dock.example",
    "audit row": "wobblejam",
    "webhook": "flubberquote",
    "words of Loop": "dinglemarket",
    "setting": "trombonepie",
    "library": "yonderplum",
    "bench's name": "Wrigglesworth",
}
"""What shoppers and the people at the benches would not want to find."""

LOOP_KEY: Final = "lk-Zq81HvvTanglewood"
WEBHOOK_SECRET: Final = "whsec-Brambleforth"
IT_TOKEN: Final = "it-Snickerwhistle"
PASSWORD: Final = "Trundleberry"
BADGE: Final = "LDBADGEQWXZJKVBHGTPLMNRC"
STRANGER: Final = "token-Fizzlebunk"
"""What somebody shows who is no bench."""

GIVEN: Final[Mapping[str, str]] = {
    "Loop's key": LOOP_KEY,
    "webhook's secret": WEBHOOK_SECRET,
    "IT's token": IT_TOKEN,
    "password": PASSWORD,
    "badge": BADGE,
    "stranger's token": STRANGER,
}
"""The secrets that a test chooses; others are drawn by the hub."""


def _forms(word: str) -> set[bytes]:
    """Return how a word may stand there: as it is, in an address, in hex, or inside base64."""
    raw = word.encode()
    found = {raw, quote(word, safe="").encode(), raw.hex().encode()}
    for shift in range(3):  # what stands before it moves its bits
        whole = base64.b64encode(b"\0" * shift + raw)
        found.add(whole[(0, 2, 3)[shift] : len(whole) // 4 * 4 - 4])
    return {each.lower() for each in found}


def found_in(text: bytes, words: Mapping[str, str]) -> list[str]:
    """Return the names of the words that stand in a text, in whatever case."""
    lower = text.lower()
    return sorted(name for name, word in words.items() if any(form in lower for form in _forms(word)))


def without(words: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the words but for some."""
    left_out = set(names)
    assert left_out <= words.keys()
    return {name: word for name, word in words.items() if name not in left_out}
