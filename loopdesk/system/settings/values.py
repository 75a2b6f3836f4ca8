"""The description of a setting, and the validation of its values."""

from __future__ import annotations

import binascii
import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_ED25519_BYTES = 32
_LEAST_SECRET = 16

API_VERSIONS = ("v1", "2026-07", "2026-10")
"""The supported versions of Loop's API; the client knows what each of them changes."""

_LIKE_VERSION = re.compile(r"v?[0-9]{1,2}|[0-9]{4}-[0-9]{2}|latest|unstable", re.ASCII)


def is_safe_api_url(url: str) -> bool:
    """Whether a key may be sent to this address: https, or plain http to this machine itself."""
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
    """Normalize an address of Loop, without a trailing slash. Raises ``ValueError`` in words."""
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
    """Normalize the address of a manifest, or none. Raises ``ValueError`` in words."""
    return api_url(url) if url else url


def ed25519(text: str) -> str:
    """Validate a public key, or none. Raises ``ValueError`` in words."""
    try:
        is_key = not text or len(binascii.a2b_base64(text, strict_mode=True)) == _ED25519_BYTES
    except ValueError:
        is_key = False
    if not is_key:
        raise ValueError("must be 32 bytes in base64, as `loopdesk manifest keys` prints them")
    return text


def proxy(url: str) -> str:
    """Validate a proxy's address, or none. Raises ``ValueError`` in words."""
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise ValueError('must be like "http://proxy.example:3128", or empty for none')
    return url


def one_line(text: str) -> str:
    """Normalize one line of plain text, without surrounding spaces. Raises ``ValueError`` in words."""
    if not text.isprintable():
        raise ValueError("must be one line of plain text")
    return text.strip()


def secret(text: str) -> str:
    """Validate a secret, or none. Raises ``ValueError`` in words, which do not repeat it."""
    plain = all("!" <= sign <= "~" for sign in text)
    if text and not (plain and len(text) >= _LEAST_SECRET):
        raise ValueError(f"must be at least {_LEAST_SECRET} letters, digits and signs, without spaces")
    return text


def digits(text: str) -> str:
    """Validate an id of Loop's, or none. Raises ``ValueError`` in words."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValueError("must be digits only, as Loop shows the destination's id")
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """The description of one setting.

    Attributes:
        key: As in the file, with its table: ``scanner.gap_ms``.
        env: Its environment variable.
        kind: ``text``, ``number`` (fractions allowed), ``whole``, ``switch``, ``choice``, ``list``, or
            ``table`` (texts by key, kept as ordered pairs).
        options: For ``choice``, the allowed words.
        least / most: For numbers, the bounds; None for no bound.
        longest: For texts, the maximum length; for lists, the maximum number of texts; None for no bound.
        clean: Normalizes a text, or raises ``ValueError`` with what is wrong in words.
        secret: Its value is shown and written only in the settings file.
        check_table: Raises ``ValueError`` with what is wrong with a table, in words.
    """

    key: str
    env: str
    label: str
    about: str
    kind: str
    default: Any
    options: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    unit: str = ""
    longest: int | None = None
    clean: Callable[[str], str] | None = None
    secret: bool = False
    check_table: Callable[[Mapping[str, str]], None] | None = None

    def checked(self, value: Any) -> Any:
        """Return a value in its stored form.

        Raises:
            ValueError: It is invalid, in words. The value is not repeated: it may be a misplaced secret.
        """
        match self.kind:
            case "switch":
                is_right = isinstance(value, bool)
            case "whole" | "number":
                return self._number(value)
            case "list":
                return self._list(value)
            case "table":
                return self._table(value)
            case "choice":
                is_right = value in self.options
            case _:
                return self._text(value)
        if not is_right:
            raise ValueError(self.expected())
        return value

    def expected(self) -> str:
        """Describe what the value must be."""
        match self.kind:
            case "choice":
                return "must be one of " + ", ".join(f'"{word}"' for word in self.options)
            case "switch":
                return "must be true or false"
            case "list":
                return 'must be a list of texts, like ["EU-", "UK-"]'
            case "table":
                return 'must be a table of texts, like { rmaid = "{return}" }'
            case "text":
                return "must be text in quotes"
            case _:
                noun = "a whole number" if self.kind == "whole" else "a number"
                unit = f" ({self.unit})" if self.unit else ""
                return f"must be {noun} from {self.least:g} to {self.most:g}{unit}"

    def _number(self, value: Any) -> Any:
        allowed = int if self.kind == "whole" else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed):
            raise ValueError(self.expected())
        least = -math.inf if self.least is None else self.least
        most = math.inf if self.most is None else self.most
        if not least <= value <= most:  # not a number is neither
            raise ValueError(self.expected())
        return value if self.kind == "whole" else float(value)

    def _text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(self.expected())
        if self.longest is not None and len(value) > self.longest:
            raise ValueError(f"must have at most {self.longest} characters")
        return self.clean(value) if self.clean is not None else value

    def _table(self, value: Any) -> tuple[tuple[str, str], ...]:
        pairs = tuple(value.items()) if isinstance(value, Mapping) else value
        if not isinstance(pairs, tuple) or not all(
            isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
            for pair in pairs
        ):
            raise ValueError(self.expected())
        if self.check_table is not None:
            self.check_table(dict(pairs))
        return pairs

    def _list(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise ValueError(self.expected())
        if self.longest is not None and len(value) > self.longest:
            raise ValueError(f"must have at most {self.longest} texts")
        return tuple(self.clean(one) if self.clean is not None else one for one in value)
