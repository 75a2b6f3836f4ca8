"""Makes hostile inputs: scanned texts, bodies, files. The same seed makes the same."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from loopdesk.simulator import barcodes
from tests.unit.api.bench import PAYLOADS

SEEDS: tuple[str, ...] = (
    "91000123",
    "#20417",
    "EX-1001",
    "42090210",
    "]C142090210940011120255584233266",
    "0100012345678905211234\x1d10ABC",
    "https://example.test/returns/91000123?x=1",
    "../../admin/keys",
    "91000123/process?x=",
    "91000123\r\nX-Evil: 1",
    "%2e%2e%2f",
    "'; DROP TABLE entry; --",
    "<img src=file:///etc/passwd>",
    "\u202e321",
    "\x00\x1b[2J",
    "９１０００１２３",
    "٩١٠٠٠١٢٣",
    "1" * 400,
    "💥" * 30,
    "&é\"'(-è_çà",
)

SIGNS: tuple[str, ...] = (
    *map(chr, range(0x20, 0x7F)),
    *"\x00\x01\t\x1d\x1e\x7f\u00a0\u200b\u202e\ufeff\ud800éßşİı０１二٣💥",
)


def scan(chance: random.Random) -> str:
    """Make what a scanner may send: a real code, one that was changed, or nonsense."""
    made: str = _number(chance) if chance.random() < 0.6 else chance.choice(SEEDS)
    for _ in range(chance.choice((0, 0, 1, 2, 6))):
        made = _changed(made, chance)
    return made[: chance.choice((5000, 5000, 128, 20, 7))]


def _number(chance: random.Random) -> str:
    makers: tuple[Callable[[int], str], ...] = (
        barcodes.usps,
        barcodes.ups,
        barcodes.fedex,
        barcodes.dhl,
        barcodes.canada_post,
        barcodes.s10,
        barcodes.upc,
        barcodes.ean13,
        str,
    )
    return chance.choice(makers)(chance.randrange(100_000, 900_000))


def _changed(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    match chance.randrange(5):
        case 0:
            return text[:place] + chance.choice(SIGNS) + text[place:]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + chance.choice(SIGNS) + text[place + 1 :]
        case 3:
            return text + chance.choice(SEEDS)
        case _:
            return text[place:] + text[:place]


def payloads() -> list[bytes]:
    """Return every stored answer of Loop as its bytes."""
    files = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(PAYLOADS.glob("*.json")))
    stored = [one for file in files for one in file["answers"]]
    return [one["text"].encode() if "text" in one else json.dumps(one["body"]).encode() for one in stored]


def body(originals: list[bytes], chance: random.Random) -> bytes:
    """Make an answer: a stored one whose values or bytes were changed, or bytes alone."""
    kind = chance.random()
    original = chance.choice(originals)
    if kind < 0.1:
        return chance.randbytes(chance.randrange(300))
    if kind < 0.5:
        return damaged(original, chance)
    try:
        value = json.loads(original)
    except ValueError:
        return damaged(original, chance)
    for _ in range(chance.randrange(1, 4)):
        value = _other(value, chance, 0)
    return json.dumps(value).encode()


def damaged(original: bytes, chance: random.Random) -> bytes:
    """Change, cut, double or fill in a few bytes."""
    made = bytearray(original)
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(made) + 1)
        match chance.randrange(4):
            case 0:
                made[place : place + 1] = chance.randbytes(1)
            case 1:
                del made[place : place + chance.randrange(1, 40)]
            case 2:
                made[place:place] = made[place : place + chance.randrange(1, 40)]
            case _:
                made[place:place] = chance.choice((b'"', b"{", b"]", b"=", b"\n", b"[a]", b"\xff", b"1e999"))
    return bytes(made)


_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    "",
    "true",
    "closed",
    "N/A",
    "\ud800",
    "0000-00-00 00:00:00",
    [],
    {},
    [[]],
    {"error": "x"},
    [{"id": 1}],
    "x" * 5000,
)


def _other(value: Any, chance: random.Random, depth: int) -> Any:
    """Change one value somewhere inside."""
    stops = depth > 8 or chance.random() < 0.15
    if isinstance(value, dict) and value and not stops:
        key = chance.choice(list(value))
        if chance.random() < 0.15:
            return {name: each for name, each in value.items() if name != key}
        return {**value, key: _other(value[key], chance, depth + 1)}
    if isinstance(value, list) and value and not stops:
        place = chance.randrange(len(value))
        return [*value[:place], _other(value[place], chance, depth + 1), *value[place + 1 :]]
    return chance.choice(_VALUES)
