"""Follows the hub: the first fill, then every change as it is told; Loop's lists are not read meanwhile.

What is told is stored together with how far that goes, so it does not matter when the program, the line or
the hub ends: the next stream goes on exactly there. If it cannot, the bench is filled anew, and says what it
holds so that only the rest is sent.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from random import random as system_random

from loopdesk.domain.errors import AnswerLost, ApiError
from loopdesk.domain.outbox.retry import backoff
from loopdesk.domain.sync import LEAST_AT_ONCE, HubContact, next_number
from loopdesk.services.ports.following import (
    FillBegun,
    HubOutdated,
    HubPosition,
    HubReturns,
    HubShopName,
    HubStream,
    HubTold,
    HubWithout,
    SharedEvent,
    SharedTaker,
    ToldReturn,
)
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import IndexedReturns
from loopdesk.services.station.events import (
    Feed,
    HubContactChanged,
    ReturnChanged,
    StationChanged,
    SyncProgress,
)
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.lookup")

OLDER_SECONDS = 600.0
"""How often an older hub is asked whether it tells changes now."""

PATIENCE_SECONDS = 300.0
"""After so long without a stream Loop's lists are read through the hub again, if that answers at all."""

LOOK_SECONDS = 14.0
"""How often the hub is asked for its shops, and how far it is; less than its beats are apart."""

GAPS_MOST = 3
"""So often in a row a number may be missing in what is told; then the bench is filled anew."""

SILENT_SECONDS = 90.0
"""A hub that is not heard for so long is silent: its beats come every 15 s."""

HELD_AT_ONCE = 500
"""Returns whose marks are read in one transaction."""

SHOPS = "hub_shops"
"""The store's record of the hub's shops, as a JSON array of id, name and colour."""


class _NumberMissing(AnswerLost):
    """What is told does not follow what is here: something was lost on the way, or at the hub."""


class Following:
    """Keeps the store up to date by what a hub tells.

    Args:
        has_hub: Whether this bench has a hub, now.
        returns: Where what is told is kept.
        cache: Where the names of the shops are kept.
        observe: Told of every fresh copy, so that entries that wait for it can end.
        synced: Told up to when everything is known.
        unread: Told of returns that cannot be read from what the hub tells.
        after_told: Awaited with the ids of what was told when it is stored; without any when a stream began.
        anew: Awaited when the hub counts anew.
        random: Returns numbers in [0, 1) for the jitter.

    Attributes:
        shared: Takes what else the benches share; None to follow returns alone.
        shops: The shops of the hub for which this bench may work, by id.
    """

    def __init__(
        self,
        *,
        has_hub: Callable[[], bool],
        stream: HubStream,
        returns: HubReturns,
        cache: IndexedReturns,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        observe: Callable[[Fetched], Awaitable[None]],
        synced: Callable[[datetime], Awaitable[None]],
        unread: Callable[[Sequence[str]], Awaitable[None]],
        after_told: Callable[[Sequence[str]], Awaitable[None]],
        anew: Callable[[], Awaitable[None]],
        random: Callable[[], float] = system_random,
    ) -> None:
        self._has_hub = has_hub
        self._stream = stream
        self._returns = returns
        self._cache = cache
        self._clock = clock
        self._feed = feed
        self._observe = observe
        self._synced = synced
        self._unread = unread
        self._after_told = after_told
        self._anew = anew
        self._random = random
        self._wakeup = Wakeup(clock, tasks, "following")
        self._at_once = LEAST_AT_ONCE
        self._failures = 0
        self._gaps = 0
        self._followed_at: float | None = None
        self._is_older = False
        self._heard_at: datetime | None = None
        self._told_contact = HubContact()
        self._is_telling = False
        self._looked: tuple[HubShopName, ...] = ()
        self._looked_at = float("-inf")
        self.shared: SharedTaker | None = None
        self.shops: Mapping[str, HubShopName] = {}
        feed.on(StationChanged, self._on_station)

    @property
    def tells(self) -> bool:
        """Whether the hub tells what changes, so that Loop's lists need not be read here."""
        if not self._has_hub() or self._is_older:
            return False
        since = self._followed_at
        return since is None or self._clock.monotonic() - since < PATIENCE_SECONDS

    @property
    def contact(self) -> HubContact:
        """Whether the hub can be heard, now."""
        since = self._followed_at
        if since is None or not self._has_hub() or self._is_older:
            return HubContact()
        is_silent = self._clock.monotonic() - since >= SILENT_SECONDS
        is_heard = self._heard_at is not None and not is_silent
        return HubContact(is_heard, self._heard_at, is_silent)

    async def load(self) -> None:
        """Load what was known of the shops."""
        try:
            found = [HubShopName(*each) for each in json.loads(await self._cache.marked(SHOPS) or "[]")]
        except (ValueError, TypeError):
            found = []
        self.shops = {each.shop_id: each for each in found}

    async def run(self) -> None:
        """Follow the hub whenever there is one, until canceled."""
        await self.load()
        while True:
            if not self._has_hub():
                self._followed_at, self._is_older, self._failures = None, False, 0
                await self._wakeup.wait(None)
                continue
            if self._followed_at is None:
                self._followed_at = self._clock.monotonic()
            await self._wakeup.wait(await self._follow())

    async def _follow(self) -> float:
        """Follow one stream to its end. Returns after how many seconds to begin again."""
        try:
            await self.follow_once()
            self._failures += 1  # a hub that ends each stream at once is not asked without a pause
        except HubWithout:
            self._is_older = True
            log.info("hub_older")
            return OLDER_SECONDS
        except ApiError as failure:
            self._failures += 1
            log.info("following_broken code=%s failures=%s", failure.code, self._failures)
        self._tell_contact()
        return backoff(self._failures, self._random)

    async def follow_once(self) -> None:
        """Fill what is missing, then follow until the stream ends.

        Raises:
            ApiError: The hub could not be asked, or the line broke; what was told is kept.
            HubWithout: It tells nothing.
        """
        shops = await self._learn_shops()
        self._is_older = False
        if not shops:
            return
        position = await self._filled(shops)
        try:
            await self._follow_from(position)
        except HubOutdated:
            log.info("hub_outdated generation=%s", position.generation)
            await self._anew()
            if self.shared is not None:
                await self.shared.begin_anew()
            await self._fill(shops, HubPosition())
        except _NumberMissing:
            self._gaps += 1
            if self._gaps < GAPS_MOST:
                raise
            log.info("hub_gap generation=%s", position.generation)
            await self._fill(shops, HubPosition())
            self._gaps = 0

    async def _learn_shops(self) -> tuple[str, ...]:
        found = await self._stream.shops()
        shops = {each.shop_id: each for each in found}
        self._looked_at = self._clock.monotonic()
        if shops != self.shops:
            told = [[x.shop_id, x.name, x.colour] for x in found]
            await self._cache.mark(SHOPS, json.dumps(told))
            self.shops = shops
            self._tell_shops()
        self._looked = found
        return tuple(sorted(shops))

    def _tell_shops(self) -> None:
        """Let screens name the shops anew; that is no reason to begin a stream."""
        self._is_telling = True
        self._feed.tell(StationChanged())
        self._is_telling = False

    def _on_station(self, _: StationChanged) -> None:
        if not self._is_telling:
            self._wakeup.wake()

    # --- the fill -------------------------------------------------------------------------------------

    async def _filled(self, shops: Sequence[str]) -> HubPosition:
        """Return where to go on with these shops, after a fill of those that are new.

        What benches share has one count for all shops: it does not tell what of a new shop came before, and
        what of a shop that is no longer this bench's is here. So all of it is told anew.
        """
        position = await self._returns.position()
        known = HubPosition(position.generation, {x: y for x, y in position.after.items() if x in shops})
        if self.shared is not None and position.after and position.after.keys() != set(shops):
            await self.shared.begin_anew()
            await self._returns.take((), self._clock.now(), known)
        while new := [shop for shop in shops if shop not in known.after]:
            known = await self._fill(new, known)
            if not set(new) <= known.after.keys():  # a shop that ended in this moment
                raise AnswerLost(why="shape", where="after")
        return known

    async def _fill(self, shops: Sequence[str], known: HubPosition) -> HubPosition:
        """Take everything that the hub knows of some shops and is not here.

        Args:
            known: The position of the other shops. It is void if the hub counts anew.
        """
        held = await self._held(shops)
        position, read, rows = known, 0, 0
        async with aclosing(self._stream.fill(shops, held)) as parts:
            async for part in parts:
                self._lives()
                if isinstance(part, FillBegun):
                    is_same = part.position.generation == known.generation
                    kept = known.after if is_same else {}
                    position = HubPosition(part.position.generation, {**kept, **part.position.after})
                    rows = part.rows - sum(len(x) for x in held.values())
                else:
                    await self._keep(part)
                    read += len(part)
                    self._feed.tell(SyncProgress(read, running=True, of=max(read, rows)))
        await self._returns.take((), self._clock.now(), position)
        log.info("filled shops=%s read=%s", len(shops), read)
        self._feed.tell(SyncProgress(read, running=False))
        await self._after_told(())
        return position

    async def _held(self, shops: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the marks of what is here, by shop. With one shop there is no doubt whose a return is."""
        held: dict[str, dict[str, str]] = {shop: {} for shop in shops}
        alone = next(iter(self.shops)) if len(self.shops) == 1 else ""
        after = ""
        while page := await self._returns.held(after, HELD_AT_ONCE, alone):
            for shop, return_id, mark in page:
                if mark and shop in held:
                    held[shop][return_id] = mark
            after = page[-1][1]
        return held

    # --- the stream -----------------------------------------------------------------------------------

    async def _follow_from(self, position: HubPosition) -> None:
        shared = await self.shared.position() if self.shared is not None else None
        is_first = True
        async with aclosing(self._stream.changes(position, shared)) as pieces:
            async for piece in pieces:
                self._lives()
                if is_first:
                    is_first, self._failures = False, 0
                    await self._after_told(())
                position = await self._take(piece, position)
                if self.shared is not None:
                    await self.shared.beat()
                if self._clock.monotonic() - self._looked_at >= LOOK_SECONDS:
                    shops = await self._learn_shops()
                    if set(shops) != position.after.keys():
                        return
                await self._note_synced(position)

    async def _note_synced(self, position: HubPosition) -> None:
        """Say up to when everything is known here, once all is stored that the hub knew by then."""
        if all(position.after.get(x.shop_id, -1) >= x.last for x in self._looked):
            known = [x.synced_at for x in self._looked if x.synced_at is not None]
            if known and len(known) == len(self._looked):
                await self._synced(min(known))

    async def _take(self, piece: Sequence[HubTold], position: HubPosition) -> HubPosition:
        """Keep what came at once. Returns the position after it."""
        told = _following(position, [one for one in piece if isinstance(one, ToldReturn)])
        if told:
            position = await self._keep(told, position)
            self._gaps = 0
            await self._after_told([one.return_id for one in told])
        for one in piece:
            if isinstance(one, SharedEvent) and self.shared is not None:
                await self.shared.shared(one)
        return position

    def _lives(self) -> None:
        """Note that the hub told something just now."""
        self._followed_at, self._heard_at = self._clock.monotonic(), self._clock.now()
        self._tell_contact()

    def _tell_contact(self) -> None:
        """Tell once that the hub is heard again, or that it is silent."""
        now, before = self.contact, self._told_contact
        if (now.is_heard, now.is_silent) != (before.is_heard, before.is_silent):
            self._told_contact = now
            self._feed.tell(HubContactChanged())

    async def _keep(self, told: Sequence[ToldReturn], position: HubPosition | None = None) -> HubPosition:
        """Store returns in transactions that no scan notices, and tell whoever waits for them.

        Args:
            position: Where the stream stands before them; None in a fill, which counts when it is complete.
        """
        left = list(told)
        while left:
            some, left = left[: self._at_once], left[self._at_once :]
            if position is not None:
                after = {**position.after, **{one.shop: one.seq for one in some}}
                position = HubPosition(position.generation, after)
            began = self._clock.monotonic()
            await self._returns.take(some, self._clock.now(), position)
            self._at_once = next_number(len(some), self._clock.monotonic() - began)
            for one in some:
                if one.answers:
                    await self._observe(one.answers[-1])
                    self._feed.tell(ReturnChanged(one.return_id))
        unread = [one.return_id for one in told if one.is_unread]
        if unread:
            await self._unread(unread)
        return position or HubPosition()


def _following(position: HubPosition, told: Sequence[ToldReturn]) -> list[ToldReturn]:
    """Leave out shops that are not followed, and what is known already.

    Raises:
        _NumberMissing: One is.
    """
    last, found = dict(position.after), []
    for one in told:
        if one.seq <= last.get(one.shop, one.seq):
            continue
        if one.seq != last[one.shop] + 1:
            raise _NumberMissing(why="shape", where="seq")
        last[one.shop] = one.seq
        found.append(one)
    return found
