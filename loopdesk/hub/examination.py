"""What may be wrong with a hub's surroundings, as codes; ``hub.commands.words`` has the sentences."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from loopdesk.api.connections import real_wire
from loopdesk.hub.benches.certificate import begins_at, check_pair, ends_at
from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.migrate import check_direct, check_server, check_version
from loopdesk.hub.database.sql import Connection, Row, rows
from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.index.fill import AT_ONCE as FILLS_AT_ONCE
from loopdesk.hub.ledger.stages import LedgerLimits
from loopdesk.hub.settings import HubSettings
from loopdesk.hub.shops.sealing import SealingKey, sealing_key
from loopdesk.hub.webhooks.overview import overview

CLOCK_SECONDS: Final = 5
"""So far PostgreSQL's clock may be from Loop's."""

DISK_LEAST: Final = 5
"""Percent of a disk that shall be free."""

CERTIFICATE_DAYS: Final = 60
"""So long before its end a certificate is told of."""

OWN_CONNECTIONS: Final = 2 + FILLS_AT_ONCE
"""So many a process of the hub needs besides its pool: for its lock, for listening, for first fills."""

_LOOP_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class HubFinding:
    """One thing that was looked at.

    Attributes:
        check: What was looked at, by a short word.
        code: What was found; "ok", or "unknown" for what could not be looked at.
        values: What fills the words for the code.
    """

    check: str
    code: str = "ok"
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything."""
        return self.code in ("ok", "unknown")


class Examination:
    """Looks at everything that a hub needs.

    Args:
        settings: Of the file.
        now: This machine's time, aware UTC.
    """

    def __init__(self, settings: HubSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now

    async def needs(self) -> list[HubFinding]:
        """Look at what a hub cannot start without: the files, and the database."""
        found = [self._encryption_key(), self._certificate()]
        try:
            connection = await connect(self._settings.database.url)
        except DatabaseUnusable as failure:
            return [*found, _finding("database", failure)]
        try:
            return [*found, await _database(connection)]
        finally:
            await connection.close()

    async def all(self) -> list[HubFinding]:
        """Look at that, and at what a hub works badly without."""
        found = await self.needs()
        if not found[-1].is_well:
            return found
        loops_time, line = await self._loop()
        connection = await connect(self._settings.database.url)
        try:
            found += [
                line,
                await _clock(connection, loops_time or self._now()),
                *await _safety(connection),
                await _ledger(connection, timedelta(minutes=self._settings.ledger.restored_minutes)),
                await _room(connection, self._settings.database.connections + OWN_CONNECTIONS),
                await _disk(connection),
                *await _webhooks(connection),
                *await _shops(connection, self._sealing()),
            ]
        finally:
            await connection.close()
        return found

    def _sealing(self) -> SealingKey | None:
        try:
            return sealing_key(self._settings.keys.file, os.environ)
        except HubFailure:
            return None

    def _encryption_key(self) -> HubFinding:
        try:
            sealing_key(self._settings.keys.file, os.environ)
        except HubFailure as failure:
            return _finding("key", failure)
        return HubFinding("key")

    def _certificate(self) -> HubFinding:
        certificate, key = self._settings.http.certificate, self._settings.http.certificate_key
        if certificate is None and key is None:
            is_open = self._settings.http.host not in ("127.0.0.1", "::1", "localhost")
            return HubFinding("certificate", "plain_http" if is_open else "ok")
        try:
            if certificate is None or key is None:
                raise ValueError
            check_pair(certificate, key)
            begins, ends, now = begins_at(certificate), ends_at(certificate), self._now()
        except (OSError, ValueError):
            return HubFinding("certificate", "certificate_unusable", {"file": str(certificate)})
        if not begins <= now <= ends:
            told = {"since": begins.date().isoformat(), "until": ends.date().isoformat()}
            return HubFinding("certificate", "certificate_date", told)
        if (left := (ends - now).days) < CERTIFICATE_DAYS:
            return HubFinding("certificate", "certificate_ends", {"n": left})
        return HubFinding("certificate")

    async def _loop(self) -> tuple[datetime | None, HubFinding]:
        """Ask Loop for its time, without a key."""
        try:
            async with httpx.AsyncClient(
                transport=real_wire(keep_alive=False, proxy=""), timeout=_LOOP_SECONDS
            ) as client:
                answer = await client.head(self._settings.loop.url)
        except httpx.HTTPError as failure:
            return None, HubFinding("loop", "loop_unreachable", {"kind": type(failure).__name__})
        return told_time(answer.headers.get("Date", "")), HubFinding("loop")


def told_time(date: str) -> datetime | None:
    """Return what a ``Date`` header says, None if it says nothing."""
    try:
        return parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None


def _finding(check: str, failure: HubFailure) -> HubFinding:
    return HubFinding(check, failure.why, failure.values)


async def _database(connection: Connection) -> HubFinding:
    try:
        await check_direct(connection)
        check_server(connection)
        await check_version(connection)
    except DatabaseUnusable as failure:
        return _finding("database", failure)
    return HubFinding("database")


async def _clock(connection: Connection, now: datetime) -> HubFinding:
    [found] = await rows(connection, "examination.clock")
    off: timedelta = found["now"] - now
    seconds = round(off.total_seconds())
    return (
        HubFinding("clock")
        if abs(seconds) <= CLOCK_SECONDS
        else HubFinding("clock", "clock_off", {"n": seconds})
    )


async def _safety(connection: Connection) -> list[HubFinding]:
    """Look at what lets a committed row vanish: then an action could leave twice."""
    [found] = await rows(connection, "examination.safety")
    wrong = [name for name in ("fsync", "full_page_writes") if found[name] != "on"]
    findings = [
        HubFinding("safety", "unsafe", {"names": ", ".join(wrong)}) if wrong else HubFinding("safety")
    ]
    if found["standbys"] and not found["synchronous"]:
        findings.append(HubFinding("standby", "standby_asynchronous"))
    return findings


async def _ledger(connection: Connection, wait: timedelta) -> HubFinding:
    """Look whether the ledger is an older copy's, which waits before it sends what finishes a return."""
    [now] = await rows(connection, "ledger.now")
    left = LedgerLimits(restored_wait=wait).seconds_to_wait(now["now"], now["since"])
    if now["noticed"] is not None and now["noticed"] != now["generation"]:
        left = wait.total_seconds()  # no hub has started on it yet
    return HubFinding("ledger", "restored", {"n": ceil(left / 60)}) if left else HubFinding("ledger")


async def _room(connection: Connection, least: int) -> HubFinding:
    """Look whether a further process of the hub would find its connections."""
    [found] = await rows(connection, "examination.room")
    left = found["most"] - found["used"]
    if left < least:
        return HubFinding("connections", "few_connections", {"n": left, "most": found["most"]})
    return HubFinding("connections")


async def _disk(connection: Connection) -> HubFinding:
    """Look at the disk of PostgreSQL, where it is on this machine and tells where its data are."""
    try:
        [found] = await rows(connection, "examination.place")
        usage = shutil.disk_usage(Path(found["place"]))
    except (psycopg.Error, OSError):
        return HubFinding("disk", "unknown")
    free = 100 * usage.free // usage.total
    return HubFinding("disk", "disk_full", {"n": free}) if free < DISK_LEAST else HubFinding("disk")


async def _webhooks(connection: Connection) -> list[HubFinding]:
    """Look at how Loop's webhooks arrive. A shop without any is well: the hub works without them."""
    seen = await overview(connection)
    found = [
        HubFinding(
            "webhooks",
            "webhooks_silent",
            {"shop": each.shop_id, "time": f"{each.silent_since:%Y-%m-%d %H:%M} UTC"},
        )
        for each in seen.shops
        if each.silent_since is not None and each.expects
    ]
    refused = sum(each.number for each in seen.tallies if each.is_refusal)
    if refused:
        found.append(HubFinding("webhooks", "webhooks_refused", {"n": refused}))
    if seen.stuck:
        found.append(HubFinding("webhooks", "webhooks_stuck", {"n": seen.stuck}))
    return found or [HubFinding("webhooks")]


async def _shops(connection: Connection, sealing: SealingKey | None) -> list[HubFinding]:
    found = await rows(connection, "shops.all")
    closed = [each["id"] for each in found if not _opens(each, sealing)]
    if not found:
        return [HubFinding("shops", "no_shop")]
    return [HubFinding("shops", "no_shop_key", {"shop": shop_id}) for shop_id in closed] or [
        HubFinding("shops")
    ]


def _opens(found: Row, sealing: SealingKey | None) -> bool:
    sealed: Any = found["sealed"]
    if sealing is None or sealed is None:
        return False
    return sealing.open(bytes(sealed), found["id"], found["key_id"]) is not None
