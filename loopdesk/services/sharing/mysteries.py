"""Mystery parcels: what was done with one here is brought to the hub, and what it has is taken."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from loopdesk.domain.returns.returns import is_loop_id
from loopdesk.domain.site_mysteries import FIELDS, FoundParcel, ParcelEnd, ParcelSide, series_number
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import HubSaid, HubShared, Mark, Shares
from loopdesk.services.ports.site_mysteries import (
    MysteryNews,
    MysteryToSay,
    SiteMysteries,
    ToldMystery,
)
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.station.events import (
    Feed,
    MysteriesTold,
    MysteryMatched,
    MysteryOverruled,
    MysteryRenumbered,
)

log = logging.getLogger("loopdesk.sharing")

PATH: Final = "/hub/v1/mysteries"

SERIES: Final = "series"
"""The key of what is no parcel: which letters this store has."""

_CONFLICT: Final = 409


class MysterySharing:
    """Shares them, once there is a hub.

    Args:
        station: Returns who works where, now.

    Attributes:
        name: Of the kind.
    """

    name = "mystery"

    def __init__(
        self,
        mysteries: SiteMysteries,
        shares: Shares,
        hub: HubShared,
        *,
        clock: Clock,
        feed: Feed,
        station: Callable[[], Station],
    ) -> None:
        self._mysteries = mysteries
        self._shares = shares
        self._hub = hub
        self._clock = clock
        self._feed = feed
        self._station = station

    async def push(self, mark: Mark) -> bool:
        """Bring a parcel, or ask for this store's letters. See ``Sharing``."""
        series = await self._mysteries.series()
        if mark.key == SERIES:
            body = {"token": series.token, "claimed": series.letters}
            return await self._learn(await self._hub.ask("PUT", PATH, body))
        say = await self._mysteries.to_say(mark.key, self._station().station)
        if say is None:
            return True
        body = {"token": series.token, "claimed": series.letters, **_body(say)}
        said = await self._hub.ask("PUT", f"{PATH}/{say.parcel.uid}", body)
        if said.status == _CONFLICT and say.is_own and await self._learn(said, needs_yes=False):
            self._say(await self._mysteries.number_again(say.parcel.uid))
            return True  # it was marked again
        if not said.is_yes:
            log.warning("mystery_not_shared uid=%s code=%s", say.parcel.uid, said.code)
            return False
        await self._learn(said)
        if (told := told_in(mark.key, said.value.get("value"))) is not None:
            self._say(await self._mysteries.take(told, self._clock.now()))
        return True

    async def take(self, event: SharedEvent) -> None:
        """Take a parcel that the hub tells. Nobody ever takes one back: without a value it stays here."""
        told = told_in(event.key, event.value)
        if told is None:
            await self._shares.skip(event.seq)
        else:
            self._say(await self._mysteries.take(told, self._clock.now(), event.seq))

    async def _learn(self, said: HubSaid, *, needs_yes: bool = True) -> bool:
        """Use the letters that an answer names. Returns whether it names any."""
        letters = said.value.get("series")
        if (needs_yes and not said.is_yes) or not isinstance(letters, str) or not series_number(letters):
            return False
        await self._mysteries.learn_series(letters)
        return True

    def _say(self, news: MysteryNews | None) -> None:
        if news is None:
            return
        if news.found:
            self._feed.tell(MysteryMatched(news.number, news.code, news.found, news.shown))
        if news.overruled_at:
            self._feed.tell(MysteryOverruled(news.shown, news.code, news.overruled_at))
        if news.renumbered_from:
            self._feed.tell(MysteryRenumbered(news.renumbered_from, news.shown))
        self._feed.tell(MysteriesTold())


def _body(say: MysteryToSay) -> dict[str, Any]:
    parcel, push = say.parcel, say.push
    base = push.base
    return {
        "series": parcel.series,
        "number": parcel.number,
        "code": parcel.code,
        "found_at": parcel.found_at.isoformat(),
        "operator": parcel.operator,
        "station": parcel.station,
        "here": push.station,
        "written": dict(push.written),
        "standing": _standing_body(push.standing) if push.standing is not None else None,
        "base": {
            **base.written,
            **_standing_body(base.standing),
            "photo_at": base.photo_at,
            "written_rev": base.written_rev,
            "standing_rev": base.standing_rev,
        },
    }


def _standing_body(standing: ParcelEnd) -> dict[str, Any]:
    return {
        "return_id": standing.return_id,
        "is_closed": standing.is_closed,
        "ended_by": standing.by,
        "ended_at_station": standing.station,
    }


def told_in(uid: str, value: Mapping[str, Any] | None) -> ToldMystery | None:
    """Read a parcel as the hub tells it; None if it is none, or of a form that is not known here."""
    if value is None:
        return None
    try:
        found_at = datetime.fromisoformat(value["found_at"])
        parcel = FoundParcel(
            uid=uid,
            series=_text(value["series"]),
            number=_number(value["number"]),
            code=_text(value["code"]),
            found_at=found_at,
            operator=_text(value["operator"]),
            station=_text(value["station"]),
        )
        standing = ParcelEnd(
            _text(value["return_id"]),
            value["is_closed"] is True,
            _text(value["ended_by"]),
            _text(value["ended_at_station"]),
        )
        shared = ParcelSide(
            written={name: _text(value[name]) for name in FIELDS},
            photo_at=_text(value["photo_at"]),
            standing=standing,
            written_rev=_number(value["written_rev"]),
            standing_rev=_number(value["standing_rev"]),
        )
    except (KeyError, ValueError, TypeError):
        log.warning("mystery_unread uid=%.40s", uid)
        return None
    is_read = found_at.tzinfo is not None and (not standing.return_id or is_loop_id(standing.return_id))
    return ToldMystery(parcel, shared) if is_read else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise ValueError
    return value
