"""The join code: what a hub prints for one bench, and a scanner types there.

``LOOPDESK-HUB-1-…``: the format's number, then base32 in upper case without padding of

======  ==========================================================================================
bytes   meaning
======  ==========================================================================================
1       flags: 1 the address is ``https``, 2 a certificate's fingerprint follows
16      the code's secret, good once: the hub keeps its hash and gives a lasting token for it
32      SHA-256 of the certificate (DER), only with flag 2; else this machine's trust store decides
1…200   the address without its scheme, UTF-8
4       CRC-32 (big-endian) of everything before it
======  ==========================================================================================

Every character can be typed by any scanner under any keyboard layout that has letters and digits. The CRC
tells a damaged code from a wrong one, and which layout a code came through. The code says nothing about
when it ends: a bench's clock may be wrong, so the hub decides, in the words of ``JoinRefusal``.

The bench redeems it by ``POST /hub/v1/join`` with ``{"secret": hex, "bench": its own name}``. The 200 is

    {"token": text, "bench": name, "generation": text, "shops": [{"name": text, "key_fingerprint": 16 hex}]}

where each fingerprint is made as ``ApiKey.fingerprint`` makes it: it proves, without the key, which shop's
queue may go through this hub.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from loopdesk.domain.errors import ValueWrong
from loopdesk.domain.labels import layouts

JOIN_PATH: Final = "/hub/v1/join"
"""Where a code is redeemed."""

JOIN_MINUTES: Final = 15
"""How long a code is good."""

SECRET_BYTES: Final = 16
FINGERPRINT_BYTES: Final = 32
LONGEST_ADDRESS: Final = 200

_NAME: Final = "LOOPDESKHUB"
_FORMAT: Final = "1"
_IS_HTTPS: Final = 1
_IS_PINNED: Final = 2
_CRC_BYTES: Final = 4
_SHORTEST: Final = 30
"""No whole code is as short."""
_NOT_TYPED: Final = re.compile(r"[^A-Z0-9]")
_LOOKS_ALIKE: Final = str.maketrans("0189", "OIBG")
"""Digits that base32 does not have, and the letters that a person mistook for them."""


class JoinFault(StrEnum):
    """Why a text is no usable join code. The words for it are in ``presenters/words``."""

    FOREIGN = "join_foreign"
    """It is not a hub's code at all."""
    NEWER = "join_newer"
    """It is of a format that this loopdesk does not know."""
    DAMAGED = "join_damaged"
    """Characters are missing, doubled or wrong."""


class JoinRefusal(StrEnum):
    """Why the hub does not redeem a code: ``{"error": {"code": …}}`` with 403, or 410 for the first two."""

    EXPIRED = "join_expired"
    USED = "join_used"
    UNKNOWN = "join_unknown"


@dataclass(frozen=True, slots=True)
class JoinCode:
    """One bench's way to its hub.

    Attributes:
        url: The hub's address, ``http://`` or ``https://``, without a path or a final slash.
        secret: 16 bytes, good once.
        fingerprint: SHA-256 of the hub's certificate (DER), 32 bytes; b"" where a known authority signed it.
    """

    url: str
    secret: bytes = field(repr=False)
    fingerprint: bytes = b""

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueWrong: ``join_url``, ``join_secret`` or ``join_fingerprint``.
        """
        if not _is_address(self.url):
            raise ValueWrong("join_url")
        if len(self.secret) != SECRET_BYTES:
            raise ValueWrong("join_secret", n=SECRET_BYTES)
        is_https = self.url.startswith("https://")
        if self.fingerprint and (len(self.fingerprint) != FINGERPRINT_BYTES or not is_https):
            raise ValueWrong("join_fingerprint", n=FINGERPRINT_BYTES)

    def text(self) -> str:
        """Return the code as it is printed: groups of four behind ``LOOPDESK-HUB-1-``."""
        letters = base64.b32encode(self._bytes()).decode("ascii").rstrip("=")
        groups = (letters[at : at + 4] for at in range(0, len(letters), 4))
        return "-".join(("LOOPDESK-HUB", _FORMAT, *groups))

    def _bytes(self) -> bytes:
        scheme, _, rest = self.url.partition("://")
        flags = (_IS_HTTPS if scheme == "https" else 0) | (_IS_PINNED if self.fingerprint else 0)
        told = bytes((flags,)) + self.secret + self.fingerprint + rest.encode("utf-8")
        return told + zlib.crc32(told).to_bytes(_CRC_BYTES, "big")


def is_join_code(text: str) -> bool:
    """Whether a text was meant as a join code, damaged or not, under whatever keyboard layout."""
    if len(text) < _SHORTEST:  # every scan is asked about
        return _typed(text).startswith(_NAME)
    return any(_typed(one).startswith(_NAME) for one in _readings(text))


def parse_join_code(text: str) -> JoinCode:
    """Read a join code as a scanner typed it, or a person.

    Case, spaces and dashes do not matter. What another keyboard layout made of the letters is undone where
    the check value proves it.

    Raises:
        ValueWrong: Its ``why`` is a ``JoinFault``.
    """
    fault = JoinFault.FOREIGN
    for reading in _readings(text):
        typed = _typed(reading)
        if not typed.startswith(_NAME):
            continue
        if not typed.startswith(_NAME + _FORMAT):
            fault = JoinFault.NEWER if fault is JoinFault.FOREIGN else fault
            continue
        found = _decoded(typed[len(_NAME) + len(_FORMAT) :])
        if found is not None:
            return found
        fault = JoinFault.DAMAGED
    raise ValueWrong(fault)


def _readings(text: str) -> Iterator[str]:
    yield text
    yield from (one.text for one in layouts.fresh_readings(text.strip()))


def _typed(text: str) -> str:
    """Only what counts: ASCII letters and digits, in upper case."""
    return _NOT_TYPED.sub("", "".join(sign for sign in layouts.folded(text) if sign.isascii()).upper())


def _decoded(letters: str) -> JoinCode | None:
    """Return what the letters say, if their check value fits."""
    letters = letters.translate(_LOOKS_ALIKE)
    try:
        told = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except binascii.Error:
        return None
    if base64.b32encode(told).decode("ascii").rstrip("=") != letters:
        return None  # bits beyond the last byte
    told, check = told[:-_CRC_BYTES], told[-_CRC_BYTES:]
    if zlib.crc32(told).to_bytes(_CRC_BYTES, "big") != check or len(told) <= 1 + SECRET_BYTES:
        return None
    flags, secret, rest = told[0], told[1 : 1 + SECRET_BYTES], told[1 + SECRET_BYTES :]
    taken = FINGERPRINT_BYTES if flags & _IS_PINNED else 0
    scheme = "https" if flags & _IS_HTTPS else "http"
    try:
        return JoinCode(f"{scheme}://{rest[taken:].decode('utf-8')}", secret, rest[:taken])
    except (UnicodeDecodeError, ValueWrong):
        return None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and url == f"{parts.scheme}://{parts.netloc}"
        and "@" not in parts.netloc
        and not any(sign.isspace() or not sign.isprintable() for sign in url)
        and len(parts.netloc.encode("utf-8")) <= LONGEST_ADDRESS
        and port != 0
    )
