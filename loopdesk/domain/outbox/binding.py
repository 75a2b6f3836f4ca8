"""What a kept action is bound to: the key it was decided with, and the address it was decided for.

The name of a binding is the key's fingerprint and the host, ``0123456789abcdef@api.loopreturns.com``.
Actions kept before addresses counted carry the fingerprint alone.
"""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """Return the host of an address, in small letters; "" when it names none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def binding_of(fingerprint: str, url: str) -> str:
    """Name what is bound to a key and an address; "" without a key."""
    return f"{fingerprint}@{host_of(url)}" if fingerprint else ""


def address_in(binding: str) -> str:
    """Return the host that a binding names; "" for one from before addresses counted."""
    return binding.partition("@")[2]


def fits(made_with: str, in_use: str) -> bool:
    """Whether what was decided under one binding may go out under another without asking a person."""
    return made_with in ("", in_use, in_use.partition("@")[0])
