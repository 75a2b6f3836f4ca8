"""The description of a setting, and the validation of its values."""

from __future__ import annotations

import binascii
import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from loopdesk.domain.errors import ValueWrong

_ED25519_BYTES = 32
_LEAST_SECRET = 16

API_VERSIONS = ("v1", "2026-07", "2026-10")
"""The supported versions of Loop's API; the client knows what each of them changes."""

_LIKE_VERSION = re.compile(r"v?[0-9]{1,2}|[0-9]{4}-[0-9]{2}|latest|unstable", re.ASCII)


def _split(url: str) -> SplitResult:
    """Split an address; what is none has no parts: a bracket is open, the port is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def is_safe_api_url(url: str) -> bool:
    """Whether a key may be sent to this address: https, or plain http to this machine itself."""
    parts = _split(url)
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
    """Normalize an address of Loop, without a trailing slash. Raises ``ValueWrong``."""
    parts = _split(url)
    if not is_safe_api_url(url):
        raise ValueWrong("must_be_https")
    if parts.query or parts.fragment:
        raise ValueWrong("must_end_with_path")
    version = parts.path.rstrip("/").rpartition("/")[2]
    if _LIKE_VERSION.fullmatch(version) and version not in API_VERSIONS:
        raise ValueWrong("unknown_api_version", version=version, known=", ".join(API_VERSIONS))
    return url.rstrip("/")


def manifest_url(url: str) -> str:
    """Normalize the address of a manifest, or none. Raises ``ValueWrong``."""
    return api_url(url) if url else url


def ed25519(text: str) -> str:
    """Validate a public key, or none. Raises ``ValueWrong``."""
    try:
        is_key = not text or len(binascii.a2b_base64(text, strict_mode=True)) == _ED25519_BYTES
    except ValueError:
        is_key = False
    if not is_key:
        raise ValueWrong("must_be_ed25519")
    return text


_DER_SEQUENCE = b"\x30"


def certificate(text: str) -> str:
    """Validate a certificate in base64, or none. What it certifies is checked when it is used.

    Raises ``ValueWrong``.
    """
    try:
        plain = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        plain = b""
    if text and plain[:1] != _DER_SEQUENCE:
        raise ValueWrong("must_be_certificate")
    return text


def place_url(url: str) -> str:
    """Normalize the address of a folder or bucket, or none, without a trailing slash.

    Raises ``ValueWrong``.
    """
    if not url:
        return url
    parts = _split(url)
    if not is_safe_api_url(url):
        raise ValueWrong("must_be_https")
    if parts.query or parts.fragment:
        raise ValueWrong("must_end_with_path")
    return url.rstrip("/")


def proxy(url: str) -> str:
    """Validate a proxy's address, or none. Raises ``ValueWrong``."""
    if url and (_split(url).scheme not in {"http", "https"} or not _split(url).hostname):
        raise ValueWrong("must_be_proxy")
    return url


def picture_host(text: str) -> str:
    """Normalize the name of a host. Raises ``ValueWrong``."""
    # Imported late: settings are read before the window is painted, and nearly nobody sets this.
    from loopdesk.domain.pictures import is_host  # noqa: PLC0415

    name = text.strip().lower()
    if not is_host(name):
        raise ValueWrong("must_be_host")
    return name


_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")
_RAW_PORT = 9100


def host_and_port(text: str) -> tuple[str, int]:
    """Split the address of a printer; port 9100 if it names none. Raises ``ValueWrong``."""
    found = _HOST.fullmatch(text)
    port = int(found["port"] or _RAW_PORT) if found else 0
    if found is None or not 0 < port < 65_536:
        raise ValueWrong("must_be_printer_host")
    return found["six"] or found["name"], port


def printer_host(text: str) -> str:
    """Validate the address of a printer, or none. Raises ``ValueWrong``."""
    if text:
        host_and_port(text)
    return text


def is_written(text: str) -> bool:
    """Whether a text can be stored in a file: halves of signs, as a broken clipboard brings them, cannot."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def one_line(text: str) -> str:
    """Normalize one line of plain text, without surrounding spaces. Raises ``ValueWrong``."""
    if not text.isprintable():
        raise ValueWrong("must_be_one_line")
    return text.strip()


def secret(text: str) -> str:
    """Validate a secret, or none. Raises ``ValueWrong``."""
    plain = all("!" <= sign <= "~" for sign in text)
    if text and not (plain and len(text) >= _LEAST_SECRET):
        raise ValueWrong("must_be_secret", least=_LEAST_SECRET)
    return text


def digits(text: str) -> str:
    """Validate an id of Loop's, or none. Raises ``ValueWrong``."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValueWrong("must_be_digits")
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
        clean: Normalizes a text, or raises ``ValueWrong``.
        secret: Its value is shown and written only in the settings file.
        check_table: Raises ``ValueWrong`` for a wrong table.
        for_operator: It stands on the operator's page of Settings, apart from what lead and IT set.
        at_start: Another value takes effect when the program starts the next time.
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
    for_operator: bool = False
    at_start: bool = False

    def checked(self, value: Any) -> Any:
        """Return a value in its stored form.

        Raises:
            ValueWrong: It is invalid.
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
            raise self.expected()
        return value

    def expected(self) -> ValueWrong:
        """Return what the value must be."""
        match self.kind:
            case "choice":
                return ValueWrong("must_be_one_of", options=", ".join(f'"{word}"' for word in self.options))
            case "whole" | "number":
                least, most = f"{self.least:g}", f"{self.most:g}"
                return ValueWrong(f"must_be_{self.kind}", least=least, most=most, unit=self.unit)
            case _:
                return ValueWrong(f"must_be_{self.kind}")

    def _number(self, value: Any) -> Any:
        allowed = int if self.kind == "whole" else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed):
            raise self.expected()
        least = -math.inf if self.least is None else self.least
        most = math.inf if self.most is None else self.most
        if not least <= value <= most:  # not a number is neither
            raise self.expected()
        return value if self.kind == "whole" else float(value)

    def _text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.expected()
        if not is_written(value):
            raise ValueWrong("must_be_one_line")
        if self.longest is not None and len(value) > self.longest:
            raise ValueWrong("too_long", n=self.longest)
        return self.clean(value) if self.clean is not None else value

    def _table(self, value: Any) -> tuple[tuple[str, str], ...]:
        pairs = tuple(value.items()) if isinstance(value, Mapping) else value
        if not isinstance(pairs, tuple) or not all(
            isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
            for pair in pairs
        ):
            raise self.expected()
        if self.check_table is not None:
            self.check_table(dict(pairs))
        return pairs

    def _list(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise self.expected()
        if self.longest is not None and len(value) > self.longest:
            raise ValueWrong("too_many", n=self.longest)
        return tuple(self.clean(one) if self.clean is not None else one for one in value)
