"""Photos on their way to the place for photos, and the grades that name them.

A grade and its photos are kept in one commit (``keep_photos``). What a grade says is frozen when it leaves
``held``: ``fix_links``, in the commit that releases it, leaves the links of photos that are there and notes
that the grade is owed the others. ``repeat_owed`` keeps such a grade once more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import apsw

from loopdesk.domain.outbox.actions import canonical, payload_sha
from loopdesk.domain.outbox.photo_links import LinkedPhoto, link_at
from loopdesk.domain.outbox.stages import Entry, Stage, came_true, newer_values
from loopdesk.services.ports.photos import PhotoCounts, WaitingPhoto
from loopdesk.store.chain import append
from loopdesk.store.codecs import optional_text_time, time_text
from loopdesk.store.database import Database
from loopdesk.store.outbox.rows import entry_of
from loopdesk.store.sql import fetch, queries

_SQL = queries("photos")
_OUTBOX = queries("outbox")


class PhotoQueue:
    """The queue of photos to be stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, most: int) -> tuple[WaitingPhoto, ...]:
        """Return photos that a kept grade names and that are not there, the least tried first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["waiting"], {"most": most}))
        return tuple(WaitingPhoto(*row) for row in rows)

    async def begin(self, photo: WaitingPhoto) -> None:
        """Record that storing it begins."""
        await self._database.write(lambda db: fetch(db, _SQL["begin"], {"link": photo.link}), drains=True)

    async def stored(self, photo: WaitingPhoto, at: datetime) -> None:
        """Record that it is there."""
        await self._end("stored", photo, at)

    async def lost(self, photo: WaitingPhoto, at: datetime) -> None:
        """Record that it can never be stored."""
        await self._end("lost", photo, at)

    async def missing(self, settlement_id: str) -> int:
        """Return how many photos of a held settlement are not there and may still come."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["missing"], (settlement_id,)))
        return int(rows[0][0])

    async def repeat_owed(self, at: datetime) -> tuple[str, ...]:
        """Keep once more what went without links and can be sent with them, or let it go; returns the
        returns.
        """
        if not await self._database.read(lambda db: fetch(db, _SQL["owed_now"])):
            return ()
        return await self._database.write(lambda db: _repeat_owed(db, at), drains=True, counted=True)

    async def move_to(self, url: str) -> int:
        """Change the links of photos that are not there yet to another public address."""
        if not await self._database.read(lambda db: fetch(db, _SQL["elsewhere"], {"url": url})):
            return 0
        return await self._database.write(lambda db: _move_to(db, url), drains=True)

    async def was_begun(self, return_id: str, photo: str) -> bool:
        """Whether storing a photo of a return, by the name of its file, was ever begun."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["was_begun"], (return_id, photo)))
        return bool(rows)

    async def counts(self) -> PhotoCounts:
        """Return how many wait."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["counts"]))
        waiting, owed, lost, oldest = rows[0]
        return PhotoCounts(waiting, owed, lost, optional_text_time(oldest))

    async def newest_stored(self) -> str:
        """Return the link of the photo that was stored last, "" if none was."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["newest_stored"]))
        return str(rows[0][0]) if rows else ""

    async def _end(self, how: str, photo: WaitingPhoto, at: datetime) -> None:
        def write(connection: apsw.Connection) -> None:
            if fetch(connection, _SQL[how], {"link": photo.link, "at": time_text(at)}):
                append(connection, f"photo_{how}", at, detail={"photo": photo.photo, "name": photo.name})

        await self._database.write(write, drains=True)


def keep_photos(
    connection: apsw.Connection,
    photos: Iterable[LinkedPhoto],
    rows: Iterable[Mapping[str, Any]],
    at: datetime,
) -> None:
    """Queue the photos of a settlement, inside the commit that keeps it.

    Args:
        rows: The settlement's new entries.
    """
    entry_ids = {row["target"]: row["entry_id"] for row in rows if row["kind"] == "grade"}
    for n, photo in enumerate(photos):
        values = {"link": photo.link, "name": photo.name, "photo": photo.photo, "at": time_text(at)}
        connection.execute(_SQL["add_photo"], values)
        link = {"entry_id": entry_ids[photo.line_item_id], "n": n, "link": photo.link}
        connection.execute(_SQL["add_link"], link)


def fix_links(connection: apsw.Connection, settlement_id: str) -> None:
    """Leave in the grades of a held settlement the links of photos that are there, and note what is owed."""
    for entry_id, text in fetch(connection, _SQL["linked_in"], (settlement_id,)):
        links = fetch(connection, _SQL["links_of"], (entry_id,))
        there = [link for link, is_stored in links if is_stored]
        payload = json.loads(text)
        if payload.get("images") != there:
            _write_images(connection, entry_id, payload, there)
        owed = int(len(there) < len(links))
        connection.execute(_SQL["owe"], {"entry_id": entry_id, "owed": owed})


def _write_images(
    connection: apsw.Connection, entry_id: str, payload: Mapping[str, Any], images: list[str]
) -> None:
    text = canonical({**payload, "images": images})
    values = {"entry_id": entry_id, "payload": text, "sha": payload_sha(text)}
    connection.execute(_SQL["write_images"], values)


def _repeat_owed(connection: apsw.Connection, at: datetime) -> tuple[str, ...]:
    returns: dict[str, None] = {}
    for entry in map(entry_of, fetch(connection, _SQL["owed_now"])):
        links = [
            link for link, is_stored in fetch(connection, _SQL["links_of"], (entry.entry_id,)) if is_stored
        ]
        if not entry.is_finished:
            continue  # it decides itself whether there is anything to repeat
        connection.execute(_SQL["owe"], {"entry_id": entry.entry_id, "owed": 0})
        returns[entry.return_id] = None
        if links == entry.payload.get("images") or not came_true(entry) or _was_overtaken(connection, entry):
            continue
        _repeat(connection, entry, links, at)
    return tuple(returns)


def _was_overtaken(connection: apsw.Connection, entry: Entry) -> bool:
    """Whether the line was graded again here since, by a grade that was not withdrawn."""
    lane = [entry_of(row) for row in fetch(connection, _OUTBOX["lane"], (entry.return_id,))]
    return any(x.stage is not Stage.WITHDRAWN for x in newer_values(entry, lane))


def _repeat(connection: apsw.Connection, entry: Entry, links: list[str], at: datetime) -> None:
    entry_id = uuid4().hex
    text = canonical({**entry.payload, "images": links, "repeats": entry.entry_id})
    same = {"entry_id": entry_id, "repeats": entry.entry_id}
    row = same | {"payload": text, "sha": payload_sha(text), "at": time_text(at)}
    connection.execute(_SQL["add_repeat"], row)
    connection.execute(_SQL["copy_links"], same)
    connection.execute(_SQL["release_repeat"], (entry_id,))
    append(
        connection,
        "links_kept",
        at,
        station=entry.station,
        return_id=entry.return_id,
        entry_id=entry_id,
        detail={"repeats": entry.entry_id, "links": len(links)},
    )


def _move_to(connection: apsw.Connection, url: str) -> int:
    moved = 0
    for link, name in fetch(connection, _SQL["elsewhere"], {"url": url}):
        values = {"link": link, "to": link_at(url, name)}
        connection.execute(_SQL["move"], values)
        if not connection.changes():  # it was at that address once before
            connection.execute(_SQL["name_instead"], values)
            forget_unnamed(connection, [(link,)])
        moved += 1
    return moved


def named_in(connection: apsw.Connection, settlements: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the links that settlements name, by the numbers of their rows."""
    return [link for number in settlements for link in fetch(connection, _SQL["named_in"], number)]


def forget_unnamed(connection: apsw.Connection, links: Iterable[tuple[Any, ...]]) -> None:
    """Forget those photos that no kept grade names any more."""
    connection.executemany(_SQL["delete_unnamed"], links)
