"""Loop's address: the base of every URL, validated once when it is set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import httpx

from loopdesk.api.versions import DRIFTING, VERSIONS, ApiVersion, version_named
from loopdesk.domain.errors import SettingsWrong

LOOP: Final = "https://api.loopreturns.com/api"
_LIKE_VERSION: Final = re.compile(r"v?[0-9]{1,2}\Z|[0-9]{4}-[0-9]{2}\Z", re.ASCII)
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Address:
    """A validated base URL.

    Attributes:
        root: Scheme, host, port and prefix, without the version and without a trailing slash.
        proxy: URL of the proxy, "" for none. May contain a password: never shown.
    """

    root: str
    host: str
    port: int | None
    scheme: str
    version: ApiVersion
    proxy: str = ""

    def __repr__(self) -> str:
        return f"Address({self.root}/{self.version.segment})"

    @property
    def is_loopback(self) -> bool:
        """Whether requests stay on this machine."""
        return self.host in LOOPBACK

    def url(self, target: str) -> str:
        """Return the URL of a path with its query."""
        return f"{self.root}/{self.version.segment}{target}"

    def covers(self, url: httpx.URL) -> bool:
        """Tell whether a request to that URL goes to this scheme, host and port."""
        return (url.scheme, url.host, url.port) == (self.scheme, self.host, self.port)


def address(base_url: str = LOOP, version: str = "v1", proxy: str = "") -> Address:
    """Validate a base URL.

    Args:
        base_url: ``https://host``, optionally followed by ``/api`` and a version, which overrides
            ``version``. Plain ``http`` is accepted for 127.0.0.1, ::1 and localhost only.
        version: ``v1``, ``2026-07`` or ``2026-10``.
        proxy: ``http://`` or ``https://`` URL of a proxy; not used for this machine itself.

    Raises:
        SettingsWrong: One of them is invalid.
    """
    url = _parsed(base_url, "api_url")
    if url.username or url.password or url.query or url.fragment:
        raise _wrong("the address must have no user, query or fragment", "api_url")
    is_loopback = url.host in LOOPBACK
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback):
        raise _wrong("the address must begin with https:// (http:// only on this machine)", "api_url")
    prefix = url.path.rstrip("/")
    last = prefix.rpartition("/")[2]
    if last in DRIFTING or last in VERSIONS or _LIKE_VERSION.match(last):
        version, prefix = last, prefix[: -len(last)].rstrip("/")
    root = f"{url.scheme}://{url.netloc.decode('ascii')}{prefix or '/api'}"
    return Address(
        root=root,
        host=url.host,
        port=url.port,
        scheme=url.scheme,
        version=version_named(version),
        proxy="" if is_loopback else _checked_proxy(proxy),
    )


def _checked_proxy(proxy: str) -> str:
    if not proxy.strip():
        return ""
    url = _parsed(proxy.strip(), "proxy")
    if url.scheme not in ("http", "https"):
        raise _wrong("the proxy must begin with http:// or https://", "proxy")
    return proxy.strip()


def _parsed(text: str, key: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip())
        host = url.host if url.port is None or 0 < url.port < 65536 else ""
    except (httpx.InvalidURL, ValueError, TypeError):
        host = ""
    if not host:
        raise _wrong("that is not an address such as https://api.loopreturns.com/api", key)
    return url


def _wrong(what: str, key: str) -> SettingsWrong:
    return SettingsWrong(what, file="settings", key=key)
