"""Joins this bench to its site's hub: a code becomes a token, an address and a certificate to trust."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from loopdesk.domain.api_key import address_in, host_of
from loopdesk.domain.errors import HubNotJoined, ValueWrong
from loopdesk.domain.hub_join import parse_join_code
from loopdesk.domain.operators import Operator, Role
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.ports.hub import HubDoor, JoinedHub
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import AuditLog, Outbox

log = logging.getLogger("loopdesk.start")


class Joining:
    """The one move that a bench may make with a queue.

    What waits was decided for a shop, by the key of then. It goes through the hub if the hub has proven by
    the key's fingerprint that it holds the same shop's key, and then in the name of whoever joins; else it
    goes out first.

    Args:
        station: Who works where, now.
        may_move: Whether Loop's address may be changed at this bench, or IT has set it.
        take: Puts the hub to use: saves address and certificate, keeps the token. False if the token is kept
            in memory only.
    """

    def __init__(
        self,
        *,
        door: HubDoor,
        outbox: Outbox,
        audit: AuditLog,
        keys: KeyBinding,
        clock: Clock,
        station: Callable[[], Station],
        may_move: Callable[[], bool],
        take: Callable[[JoinedHub], Awaitable[bool]],
    ) -> None:
        self._door = door
        self._outbox = outbox
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._station = station
        self._may_move = may_move
        self._take = take

    async def join(self, text: str, by: Operator | None = None) -> tuple[JoinedHub, bool]:
        """Join by a code as it was scanned or typed.

        Args:
            by: Who joins; None for the operator of the station.

        Returns:
            What the hub gave, and whether the token is stored for the next start.

        Raises:
            HubNotJoined: Nothing changed here; ``why`` says whether the code is still good.
            StoreError: What waits could not be read.
        """
        try:
            code = parse_join_code(text)
        except ValueWrong as wrong:
            raise HubNotJoined(why=wrong.why) from None
        if not self._may_move():
            raise HubNotJoined(why="join_locked")
        who = by or self._station().operator
        waiting = {x for x in await self._outbox.key_fingerprints() if x}
        abroad = {x for x in waiting if address_in(x) != host_of(code.url)}
        if abroad and who.role is Role.OPERATOR:
            raise HubNotJoined(why="join_lead")
        joined = await self._door.redeem(code, self._station().station)
        proven = {shop.key_fingerprint for shop in joined.shops}
        if not {x.partition("@")[0] for x in abroad} <= proven:
            raise HubNotJoined(why="join_queue")
        is_stored = await self._take(joined)
        await self._audit.write(
            "hub_joined",
            self._clock.now(),
            operator=who,
            station=self._station().station,
            detail={"bench": joined.bench, "address": joined.url, "shops": [x.name for x in joined.shops]},
        )
        await self._keys.refresh()
        if waiting:
            await self._keys.same_shop(who)
        log.info("hub_joined waiting=%s shops=%s", len(waiting), len(joined.shops))
        return joined, is_stored
