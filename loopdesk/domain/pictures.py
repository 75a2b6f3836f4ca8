"""Product pictures: which address of Loop's answers may be fetched, from where, and how large. Pure.

An answer is foreign text: whoever can edit a product or an order at the shop decides what stands in it. So an
address is not repaired but taken apart, and put together again from what was understood.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import quote

MOST_BYTES: Final = 5_000_000
MOST_PIXELS: Final = 25_000_000
EDGE: Final = 640
"""Most bytes and pixels of what is fetched, and the longer edge in pixels of what is kept of it."""

KEPT_FOR: Final = timedelta(days=120)
"""So long a picture is kept; as long as Loop lets a return be found."""

SETTLED_AFTER: Final = timedelta(days=30)
"""A picture older than this may make room for one that is fetched ahead: its parcel has arrived by then."""

FORMATS: Final = ("jpeg", "png", "webp")
"""What is decoded, by content; a file's name and its declared type say nothing."""

_LONGEST: Final = 2048
_LINK: Final = re.compile(
    r"(?:https:)?//(?P<host>[a-z0-9.-]{1,253})(?::443)?(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE,
)
_HOST: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII
)
_SAFE: Final = "/%:@!$&'()*+,;=~-._?"

_SCALES_BY_QUERY: Final = frozenset({"cdn.shopify.com"})
_SIZE_PARAMETERS: Final = frozenset({"width", "height", "crop", "pad_color", "format"})


@dataclass(frozen=True, slots=True)
class PictureLink:
    """An address that may be fetched.

    Attributes:
        key: What the picture is kept under, 32 hex digits.
        host: Its host, in lower case.
        target: Path and query, as they are requested: where the host can, the size that is kept.
    """

    key: str
    host: str
    target: str

    @property
    def url(self) -> str:
        """The whole address."""
        return f"https://{self.host}{self.target}"


class PictureState(StrEnum):
    """How a line stands with its picture."""

    NONE = "none"  # the answer has none that may be fetched
    AWAITED = "awaited"  # it is to come
    HERE = "here"  # it is kept at this station
    REFUSED = "refused"  # what came is no picture, or none that may be decoded


class NoPicture(StrEnum):
    """Why a picture did not come or was not taken; besides these, the name of a failure."""

    NO_ADDRESS = "no_address"
    PRIVATE_ADDRESS = "private_address"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"
    STATUS = "status"
    TOO_LARGE = "too_large"
    FORMAT = "format"
    PIXELS = "pixels"
    CUT = "cut"
    BROKEN = "broken"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class ProductPicture:
    """The picture of a line's product.

    Attributes:
        key: What it is kept under; "" without one.
    """

    key: str = ""
    state: PictureState = PictureState.NONE


NO_PICTURE: Final = ProductPicture()


def is_host(text: str) -> bool:
    """Whether a text can name a host of pictures: a name of two parts or more, and no address."""
    return len(text) <= 253 and _HOST.fullmatch(text) is not None


def link_of(url: str, hosts: Collection[str]) -> PictureLink | None:
    """Take an address of Loop's answer apart; None if it must not be fetched.

    Only https to one of these hosts by exactly that name, at its standard port, without a user. Shops also
    write ``//host/path``, which leaves the scheme to the reader: that is https.

    Args:
        hosts: In lower case; an empty collection allows nothing.
    """
    if not hosts or len(url) > _LONGEST or not url.isprintable() or "\\" in url:
        return None
    found = _LINK.fullmatch(url)
    if found is None:
        return None
    host = found["host"].lower()
    if host not in hosts:
        return None
    path, query = quote(found["path"], safe=_SAFE), quote(found["query"] or "", safe=_SAFE)
    name = f"{host}{path}?{query}"
    key = hashlib.sha256(name.encode()).hexdigest()[:32]
    if host in _SCALES_BY_QUERY:
        query = _scaled(query)
    return PictureLink(key, host, f"{path}?{query}" if query else path)


def _scaled(query: str) -> str:
    """Ask for the size that is kept, whatever size the address names; a smaller original stays as it is."""
    others = [part for part in query.split("&") if part and part.partition("=")[0] not in _SIZE_PARAMETERS]
    return "&".join([*others, f"width={EDGE}"])


# --- addresses --------------------------------------------------------------------------------------

_UNICAST: Final = ip_network("2000::/3")
_TRANSLATED: Final = ip_network("64:ff9b::/96")
_CLOSED: Final = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",  # behind a carrier's translator
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",
        "2001::/23",  # Teredo and other special purposes
        "2001:db8::/32",
        "2002::/16",  # 6to4, which carries any IPv4 address
        "3fff::/20",
    )
)
"""What ``ipaddress`` of some Python version calls global, or leads on to another address."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet, so that nothing of the dock's own answers there.

    Addresses that carry an IPv4 address are judged by that one.

    Args:
        address: In any notation of ``getaddrinfo``; one with a zone is never public.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        inner = found.ipv4_mapped
        if inner is None and found in _TRANSLATED:
            inner = IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            found = inner
        elif found not in _UNICAST:
            return False
    is_odd = (
        found.is_private
        or found.is_loopback
        or found.is_link_local
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
    )
    return not is_odd and found.is_global and not any(found in network for network in _CLOSED)


# --- room -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture on the disk.

    Attributes:
        at: When it was fetched, in seconds since the epoch by this machine's clock.
    """

    key: str
    size: int
    at: float


def leaving(kept: Collection[KeptPicture], room: int, *, before: float | None = None) -> tuple[str, ...]:
    """Choose what makes room, oldest first.

    Args:
        room: Bytes that are to become free.
        before: Only what was fetched before this moment may go; None for anything.

    Returns:
        Their keys; none if not enough may go.
    """
    out: list[str] = []
    for one in sorted(kept, key=lambda each: (each.at, each.key)):
        if room <= 0:
            break
        if before is not None and one.at >= before:
            break
        out.append(one.key)
        room -= one.size
    return tuple(out) if room <= 0 else ()
