"""Loop's address, whose last part is the API version; and what differs between the versions, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from loopdesk.api.calls import checked_id
from loopdesk.domain.errors import Refused, RuleBroken, SettingsWrong
from loopdesk.domain.outbox.actions import Kind


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """One version segment of the path and what it changes.

    Attributes:
        segment: The version in the path.
        category_is_object: ``condition_category`` is an object in grade requests and answers, and a string is
            rejected with 422. Before, it is one word.
        asn_refuses_long_windows: The advance notice answers 422 beyond 120 days. Before, no limit is
            documented; loopdesk observes it everywhere.
        order_needs_created_at: Writing orders needs ``created_at`` in ATOM format (no dock call does).
        drafts_always_hal: Draft returns ignore ``Accept`` and answer HAL-Forms (no dock call uses them).
        forbids_foreign_lines: Grade and assess answer 403 if a line belongs to another shop, which says
            nothing about the key.
        built_in_categories: Loop's word to the (subject, title) pair that every account has. A pair that an
            account lacks would silently be created in it, so only these and configured ones may be sent; Loop
            publishes one.
    """

    segment: str
    category_is_object: bool
    asn_refuses_long_windows: bool
    order_needs_created_at: bool
    drafts_always_hal: bool
    forbids_foreign_lines: bool
    built_in_categories: tuple[tuple[str, tuple[str, str]], ...] = ()

    def built_in_category(self, word: str) -> tuple[str, str] | None:
        """Return the (subject, title) pair that every account has for a word, or None."""
        return dict(self.built_in_categories).get(word)


def _before_2026_10(segment: str) -> ApiVersion:
    return ApiVersion(
        segment=segment,
        category_is_object=False,
        asn_refuses_long_windows=False,
        order_needs_created_at=False,
        drafts_always_hal=False,
        forbids_foreign_lines=False,
    )


VERSIONS: Final = {
    version.segment: version
    for version in (
        _before_2026_10("v1"),  # an alias that Loop froze to 2026-07
        _before_2026_10("2026-07"),
        ApiVersion(
            segment="2026-10",
            category_is_object=True,
            asn_refuses_long_windows=True,
            order_needs_created_at=True,
            drafts_always_hal=True,
            forbids_foreign_lines=True,
            built_in_categories=(("grade_a", ("Item condition grade", "Grade A")),),
        ),
    )
}

DRIFTING: Final = frozenset({"latest", "unstable"})
"""Segments whose meaning changes without notice; never used."""


def version_named(segment: str) -> ApiVersion:
    """Return a version by its path segment.

    Raises:
        SettingsWrong: loopdesk does not know it, or its meaning changes without notice.
    """
    known = VERSIONS.get(segment)
    if known is None:
        choice = ", ".join(VERSIONS)
        raise SettingsWrong(
            "unknown_api_version", file="settings", key="api_version", version=segment, known=choice
        )
    return known


_GRADE_WORDS: Final = ("description", "return_processor", "note", "images", "inspected_at")
_ASSESS_WORDS: Final = ("disposition_outcome", "return_processor", "note", "inspected_at")
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], ())


def checked_batch(items: Sequence[Mapping[str, Any]], kind: Kind) -> tuple[str, ...]:
    """Return the line ids of a batch in their wire form.

    Raises:
        RuleBroken: ``bad_batch`` for none or more than one call takes, ``bad_id`` for an invalid id.
    """
    if not 1 <= len(items) <= kind.spec.lines_most:
        raise RuleBroken("bad_batch")
    return tuple(checked_id(str(item.get("line_item_id", ""))) for item in items)


def grade_item(item: Mapping[str, Any], version: ApiVersion) -> dict[str, Any]:
    """Build one ``Kind.GRADE`` payload for a version; empty fields are left out.

    Raises:
        Refused: ``CATEGORY_UNNAMED``, without a request: the version wants a category by its two names, and
            neither the payload nor Loop has them. Guessing would create a new category in the shop's account.
            It counts as the 422 that Loop gives for a category without names, so the batch is split and only
            the unnamed grade waits for a person.
    """
    wire = _line(item, _GRADE_WORDS)
    word = str(item.get("condition_category") or "")
    if not word:
        return wire
    if not version.category_is_object:
        wire["condition_category"] = word
        return wire
    subject, title = str(item.get("subject") or ""), str(item.get("title") or "")
    if not (subject and title):
        subject, title = version.built_in_category(word) or ("", "")
    if not subject:
        raise Refused(
            "", refusal_code="CATEGORY_UNNAMED", http_status=422, why="category_unnamed", grade=word
        )
    wire["condition_category"] = {"subject": subject, "title": title, "grade": word}
    return wire


def assess_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Build one ``Kind.ASSESS`` payload; empty fields are left out."""
    return _line(item, _ASSESS_WORDS)


def _line(item: Mapping[str, Any], words: tuple[str, ...]) -> dict[str, Any]:
    wire: dict[str, Any] = {"line_item_id": int(checked_id(str(item.get("line_item_id", ""))))}
    wire.update({word: item[word] for word in words if item.get(word) not in _NOTHING})
    return wire


# --- Loop's address ---------------------------------------------------------------------------------

LOOP: Final = "https://api.loopreturns.com/api"
_LIKE_VERSION: Final = re.compile(r"v?[0-9]{1,2}\Z|[0-9]{4}-[0-9]{2}\Z", re.ASCII)
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Address:
    """A validated base URL.

    Attributes:
        root: Scheme, host, port and prefix, without the version and without a trailing slash.
        proxy: URL of the proxy, "" for none. May contain a password: never shown.
        is_hub: A hub answers there, not Loop itself.
        certificate: The hub's certificate (DER) if it alone is trusted; b"" for this machine's trust store.
    """

    root: str
    host: str
    port: int | None
    scheme: str
    version: ApiVersion
    proxy: str = ""
    is_hub: bool = False
    certificate: bytes = field(default=b"", repr=False)

    def __repr__(self) -> str:
        return f"Address({self.root}/{self.version.segment})"

    @property
    def is_loopback(self) -> bool:
        """Whether requests stay on this machine."""
        return self.host in LOOPBACK

    def url(self, target: str) -> str:
        """Return the URL of a path with its query."""
        return f"{self.root}/{self.version.segment}{target}"

    def hub_url(self, path: str) -> str:
        """Return the URL of a path of the hub's own, such as ``/hub/v1/…``: beside Loop's interface."""
        return f"{self.root.removesuffix('/api')}{path}"

    def covers(self, url: httpx.URL) -> bool:
        """Tell whether a request to that URL goes to this scheme, host and port."""
        return (url.scheme, url.host, url.port) == (self.scheme, self.host, self.port)


def address(
    base_url: str = LOOP,
    version: str = "v1",
    proxy: str = "",
    *,
    is_hub: bool = False,
    certificate: bytes = b"",
) -> Address:
    """Validate a base URL.

    Args:
        base_url: ``https://host``, optionally followed by ``/api`` and a version, which overrides
            ``version``. Plain ``http`` is accepted for 127.0.0.1, ::1 and localhost only.
        version: ``v1``, ``2026-07`` or ``2026-10``.
        proxy: ``http://`` or ``https://`` URL of a proxy; not used for this machine itself, nor for a hub,
            which stands on the site.
        is_hub: A hub answers there.
        certificate: As in ``Address``.

    Raises:
        SettingsWrong: One of them is invalid.
    """
    url = _parsed(base_url, "api_url")
    if url.username or url.password or url.query or url.fragment:
        raise _wrong("must_be_bare_address", "api_url")
    is_loopback = url.host in LOOPBACK
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback):
        raise _wrong("must_be_https", "api_url")
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
        proxy="" if is_loopback or is_hub else _checked_proxy(proxy),
        is_hub=is_hub,
        certificate=certificate if is_hub else b"",
    )


def _checked_proxy(proxy: str) -> str:
    if not proxy.strip():
        return ""
    url = _parsed(proxy.strip(), "proxy")
    if url.scheme not in ("http", "https"):
        raise _wrong("must_be_proxy", "proxy")
    return proxy.strip()


def _parsed(text: str, key: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip())
        host = url.host if url.port is None or 0 < url.port < 65536 else ""
    except (httpx.InvalidURL, ValueError, TypeError):
        host = ""
    if not host:
        raise _wrong("must_be_address", key)
    return url


def _wrong(why: str, key: str) -> SettingsWrong:
    return SettingsWrong(why, file="settings", key=key)
