"""What was entered but not settled, one draft per return."""

from __future__ import annotations

import apsw

from loopdesk.domain.errors import StoreDamaged
from loopdesk.domain.returns.grading import Draft
from loopdesk.store.codecs import draft_json, json_draft, optional_time_text
from loopdesk.store.database import Database
from loopdesk.store.share_marks import mark
from loopdesk.store.sql import fetch, queries

KIND = "draft"
"""Of a mark: what is entered for a return is to be told to the hub."""

_SQL = queries("drafts")


def put(connection: apsw.Connection, draft: Draft) -> None:
    """Write a draft inside the caller's transaction; an empty one that is not put aside is deleted."""
    if draft.is_empty and not draft.parked:
        remove(connection, draft.return_id)
        return
    write(connection, draft)
    mark(connection, KIND, draft.return_id)


def write(connection: apsw.Connection, draft: Draft) -> None:
    """Write a draft that the hub knows already, inside the caller's transaction."""
    values = {
        "return_id": draft.return_id,
        "body": draft_json(draft),
        "parked": int(draft.parked),
        "updated_at": optional_time_text(draft.updated_at),
    }
    connection.execute(_SQL["save"], values)


def remove(connection: apsw.Connection, return_id: str) -> None:
    """Delete a draft inside the caller's transaction."""
    if fetch(connection, _SQL["delete"], (return_id,)):
        mark(connection, KIND, return_id)


def forget(connection: apsw.Connection, return_id: str) -> None:
    """Delete a draft of whose end the hub knows, inside the caller's transaction."""
    connection.execute(_SQL["delete"], (return_id,))


def read(text: str) -> Draft:
    """Read a stored draft.

    Raises:
        StoreDamaged: The text is not what was written.
    """
    try:
        return json_draft(text)
    except (ValueError, KeyError, TypeError) as failure:
        raise StoreDamaged(why="draft", error=type(failure).__name__) from failure


def of_return(connection: apsw.Connection, return_id: str) -> Draft:
    """Return the draft of a return inside the caller's transaction, or an empty one."""
    body = connection.execute(_SQL["get"], (return_id,)).get
    return Draft(return_id) if body is None else read(body)


class Drafts:
    """Drafts survive restarts and are restored exactly."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, return_id: str) -> Draft:
        """Return the draft of a return, or an empty one."""
        return await self._database.read(lambda db: of_return(db, return_id))

    async def save(self, draft: Draft) -> None:
        """Save a draft; an empty one that is not put aside is deleted."""
        await self._database.write(lambda db: put(db, draft))

    async def parked(self) -> tuple[Draft, ...]:
        """Return the drafts that were put aside, latest first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["parked"]))
        return tuple(read(body) for (body,) in rows)
