"""What differs between the API versions that Loop serves, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from loopdesk.domain.errors import SettingsWrong


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
        raise SettingsWrong(
            f"version {segment!r} of Loop's API is not known here: choose one of {', '.join(VERSIONS)}",
            file="settings",
            key="api_version",
        )
    return known
