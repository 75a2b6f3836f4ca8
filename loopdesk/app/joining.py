"""Wires the joining of a hub, for the window and for the command line."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from loopdesk.domain.errors import HubNotJoined, SecretsUnavailable, SettingsWrong
from loopdesk.services.outbox.joining import Joining
from loopdesk.services.ports.hub import HubDoor, JoinedHub

if TYPE_CHECKING:
    from loopdesk.app.program import Program

_NAME_MOST = 40
_MOVED = ("api.url", "hub.used", "hub.certificate")


def joining_of(program: Program, door: HubDoor | None = None) -> Joining:
    """Return what joins this program's bench to a hub.

    Args:
        door: Redeems codes; None for that of the hub that a code names.
    """
    runtime = program.runtime

    async def take(joined: JoinedHub) -> bool:
        changes: dict[str, str | bool] = {
            "api.url": f"{joined.url}/api",
            "hub.used": True,
            "hub.certificate": base64.b64encode(joined.certificate).decode("ascii"),
        }
        if (
            joined.bench
            and not runtime.settings.station.name
            and not runtime.loaded.is_locked("station.name")
        ):
            changes["station.name"] = joined.bench[:_NAME_MOST]
        try:
            loaded = await asyncio.to_thread(runtime.settings_file.save, changes)
        except SettingsWrong:
            raise HubNotJoined(why="join_locked") from None
        await program.take_settings(loaded)
        try:
            await runtime.secrets.keep_key(joined.token)
            is_stored = True
        except SecretsUnavailable:
            is_stored = False
        await program.use_key(joined.token)
        return is_stored

    return Joining(
        door=door or _door(),
        outbox=runtime.store.outbox,
        audit=runtime.store.audit,
        keys=program.parts.keys,
        clock=runtime.clock,
        station=program.station,
        may_move=lambda: not program.is_practice and not any(map(runtime.loaded.is_locked, _MOVED)),
        take=take,
    )


def _door() -> HubDoor:
    from loopdesk.api.hub_door import HubDoorClient

    return HubDoorClient()
