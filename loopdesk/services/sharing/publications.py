"""Vocabularies and settings that IT gives through the hub: checked here again, kept, and used.

A version that cannot be read here leaves the last good one in force. Health says so, and the hub is told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from loopdesk.domain.errors import SettingsWrong
from loopdesk.domain.publishing import SITE, Published, Use, mark_of
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.services.bench.vocabularies import VocabularyShelf
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.publishing import GivenShelf, GivenTexts, GivenVersion, Wrong
from loopdesk.services.ports.sharing import HubShared, Mark, Shares
from loopdesk.services.station.events import Feed, GivenChanged

log = logging.getLogger("loopdesk.sharing")

PATH: Final = "/hub/v1/uses"

_MOST_NUMBER: Final = 2**31 - 1
_MOST_TEXT: Final = 400_000
_LONGEST_PLACE: Final = 200


class GivenDesk:
    """What was given to this bench.

    Args:
        vocabularies: Told what is in force; a return that is open keeps its own.

    Attributes:
        given: As it is now.
    """

    def __init__(
        self, shelf: GivenShelf, texts: GivenTexts, vocabularies: VocabularyShelf, *, feed: Feed
    ) -> None:
        self._shelf = shelf
        self._texts = texts
        self._vocabularies = vocabularies
        self._feed = feed
        self.given: tuple[GivenVersion, ...] = ()

    @property
    def uses(self) -> tuple[Use, ...]:
        """What this bench works by."""
        is_own = self._vocabularies.now.is_own
        return tuple(_use(each, is_own=is_own) for each in self.given)

    async def load(self, *, on: bool = True) -> None:
        """Use what was given before; the hub need not be there.

        What an older version of the program cannot read is as if it were not there, until it is given again.

        Args:
            on: Whether this bench has a hub; one that left it works by nothing of it.
        """
        given = await self._shelf.all() if on else ()
        self.given = tuple(self._readable(each) for each in given)
        await self._apply()

    async def station_changed(self) -> None:
        """Say that this bench uses another file of its own."""
        await self._shelf.say_use()
        self._feed.tell(GivenChanged())

    async def put(self, given: GivenVersion, seq: int) -> None:
        """Take what the hub gives, after checking it."""
        before = next((x for x in self.given if (x.kind, x.scope) == (given.kind, given.scope)), None)
        now = self._readable(given)
        if now.wrong is not None and before is not None:
            now = replace(before, wrong=now.wrong)
        if await self._shelf.put(now, seq):
            log.info(
                "given kind=%s scope=%s version=%d wrong=%s", now.kind, now.scope, given.version, now.wrong
            )
            await self._changed(now.kind, now.scope, now)

    async def drop(self, kind: Published, scope: str, seq: int) -> None:
        """Take back what was given."""
        if await self._shelf.drop(kind, scope, seq):
            log.info("taken_back kind=%s scope=%s", kind, scope)
            await self._changed(kind, scope, None)

    async def _changed(self, kind: Published, scope: str, now: GivenVersion | None) -> None:
        others = (x for x in self.given if (x.kind, x.scope) != (kind, scope))
        self.given = (*others, now) if now is not None else tuple(others)
        await self._apply()
        self._feed.tell(GivenChanged())

    def _readable(self, given: GivenVersion) -> GivenVersion:
        """Return what was given; without its text if that cannot be read here."""
        if not given.version:
            return given
        name = f"{given.kind} {given.scope} {given.version}"
        try:
            if given.kind is Published.VOCABULARY:
                self._texts.vocabulary(given.text, name)
            else:
                self._texts.check_settings(given.text, name)
        except SettingsWrong as wrong:
            place = ", ".join(filter(None, (f"line {wrong.line}" if wrong.line else "", wrong.key)))
            found = Wrong(given.version, place[:_LONGEST_PLACE], wrong.why, wrong.values)
            return replace(given, version=0, mark="", text="", wrong=found)
        return given

    async def _apply(self) -> None:
        """Use what there is: vocabularies from the next return on, settings at once."""
        read = {
            each.scope: self._texts.vocabulary(each.text, each.scope)
            for each in self.given
            if each.kind is Published.VOCABULARY and each.version
        }
        now = self._vocabularies.now
        self._vocabularies.now = Vocabularies(now.station, now.is_own, read)
        settings = next((x.text for x in self.given if x.kind is Published.SETTINGS and x.scope == SITE), "")
        try:
            await self._texts.use_settings(settings)
        except SettingsWrong as wrong:  # said by Health and the doctor, which read the same files
            log.warning("settings_not_used why=%s", wrong.why)


class GivenKind:
    """Takes events of one kind. See ``Sharing``.

    Attributes:
        name: Of the kind.
    """

    def __init__(self, kind: Published, publications: GivenDesk, shares: Shares) -> None:
        self.name = kind.value
        self._kind = kind
        self._publications = publications
        self._shares = shares

    async def push(self, _mark: Mark) -> bool:
        """Nothing of it goes to the hub."""
        return True

    async def take(self, event: SharedEvent) -> None:
        """Take a version, or that it was taken back."""
        given = given_in(self._kind, event.key, event.value)
        if given is not None:
            await self._publications.put(given, event.seq)
        elif event.value is None:
            await self._publications.drop(self._kind, event.key, event.seq)
        else:
            log.warning("given_unread kind=%s", self._kind)
            await self._shares.skip(event.seq)


class UseKind:
    """Says to the hub what this bench works by. See ``Sharing``.

    Attributes:
        name: Of the kind.
    """

    name = "use"

    def __init__(self, publications: GivenDesk, shares: Shares, hub: HubShared) -> None:
        self._publications = publications
        self._shares = shares
        self._hub = hub

    async def push(self, _mark: Mark) -> bool:
        """Say it."""
        body = {"uses": [_use_body(each) for each in self._publications.uses]}
        return (await self._hub.ask("PUT", PATH, body)).is_yes

    async def take(self, event: SharedEvent) -> None:
        """Nobody tells any."""
        await self._shares.skip(event.seq)


def given_in(kind: Published, scope: str, value: Mapping[str, Any] | None) -> GivenVersion | None:
    """Read a version as the hub tells it; None if it is none."""
    if value is None:
        return None
    text, version = value.get("text"), value.get("version")
    if not isinstance(text, str) or len(text) > _MOST_TEXT:
        return None
    if isinstance(version, bool) or not isinstance(version, int) or not 0 < version <= _MOST_NUMBER:
        return None
    by, at = str(value.get("by", ""))[:60], str(value.get("at", ""))[:40]
    return GivenVersion(kind, scope, version, mark_of(text), text, by, at)


def _use(given: GivenVersion, *, is_own: bool) -> Use:
    is_covered = is_own and given.kind is Published.VOCABULARY
    wrong = given.wrong
    return Use(
        kind=given.kind,
        scope=given.scope,
        version=0 if is_covered else given.version,
        mark="" if is_covered else given.mark,
        is_own=is_covered,
        refused=wrong.version if wrong else 0,
        refused_at=wrong.at if wrong else "",
    )


def _use_body(use: Use) -> dict[str, Any]:
    return {
        "kind": use.kind.value,
        "scope": use.scope,
        "version": use.version,
        "mark": use.mark,
        "own": use.is_own,
        "refused": use.refused,
        "refused_at": use.refused_at,
    }
