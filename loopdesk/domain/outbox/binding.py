"""What a kept action is bound to: the key and the address it was decided with.

A binding is the key's fingerprint and the host, ``0123456789abcdef@api.loopreturns.com``. Actions kept before
bindings had an address carry only the fingerprint.
"""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """Return the host of an address, in lower case; "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def binding_of(fingerprint: str, url: str) -> str:
    """Return the binding of a key and an address; "" without a key."""
    return f"{fingerprint}@{host_of(url)}" if fingerprint else ""


def address_in(binding: str) -> str:
    """Return the host in a binding; "" for one without an address."""
    return binding.partition("@")[2]


def fits(made_with: str, in_use: str) -> bool:
    """Whether what was decided under one binding may be sent under another without asking a person."""
    return made_with in ("", in_use, in_use.partition("@")[0])
