"""What the texts of settings must look like; each check returns the text as it is kept."""

from __future__ import annotations

import binascii
import ipaddress
import re
from urllib.parse import urlsplit

_ED25519_BYTES = 32
_LEAST_SECRET = 16

API_VERSIONS = ("v1", "2026-07", "2026-10")
"""The versions of Loop's API that this program speaks; the client says what each of them changes."""

_LIKE_VERSION = re.compile(r"v?[0-9]{1,2}|[0-9]{4}-[0-9]{2}|latest|unstable", re.ASCII)


def is_safe_api_url(url: str) -> bool:
    """Whether a key may be sent to this address: https, or plain http to this very machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host) and parts.username is None
    return parts.scheme == "http" and parts.username is None and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def api_url(url: str) -> str:
    """Take an address of Loop, without a slash at its end. Raises ``ValueError`` in words."""
    parts = urlsplit(url)
    if not is_safe_api_url(url):
        raise ValueError("must begin with https:// (http:// is allowed to this machine only)")
    if parts.query or parts.fragment:
        raise ValueError("must end with the path; no ? or #")
    version = parts.path.rstrip("/").rpartition("/")[2]
    if _LIKE_VERSION.fullmatch(version) and version not in API_VERSIONS:
        known = ", ".join(API_VERSIONS)
        raise ValueError(f"names version {version} of Loop's API, which is not known here; known are {known}")
    return url.rstrip("/")


def manifest_url(url: str) -> str:
    """Take the address of a manifest, or none. Raises ``ValueError`` in words."""
    return api_url(url) if url else url


def ed25519(text: str) -> str:
    """Take a public key, or none. Raises ``ValueError`` in words."""
    try:
        is_key = not text or len(binascii.a2b_base64(text, strict_mode=True)) == _ED25519_BYTES
    except ValueError:
        is_key = False
    if not is_key:
        raise ValueError("must be 32 bytes in base64, as `loopdesk manifest keys` prints them")
    return text


def proxy(url: str) -> str:
    """Take a proxy's address, or none. Raises ``ValueError`` in words."""
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise ValueError('must be like "http://proxy.example:3128", or empty for none')
    return url


def one_line(text: str) -> str:
    """Take one line of plain text, without spaces around it. Raises ``ValueError`` in words."""
    if not text.isprintable():
        raise ValueError("must be one line of plain text")
    return text.strip()


def secret(text: str) -> str:
    """Take a secret, or none. Raises ``ValueError`` in words, which do not repeat it."""
    plain = all("!" <= sign <= "~" for sign in text)
    if text and not (plain and len(text) >= _LEAST_SECRET):
        raise ValueError(f"must be at least {_LEAST_SECRET} letters, digits and signs, without spaces")
    return text


def digits(text: str) -> str:
    """Take an id of Loop's, or none. Raises ``ValueError`` in words."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValueError("must be digits only, as Loop shows the destination's id")
    return text
