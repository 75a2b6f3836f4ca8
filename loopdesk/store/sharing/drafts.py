"""What is entered at the benches of a site: what the hub told last, beside the drafts of this bench.

The table ``draft`` is this bench's alone: what another one entered comes into it when a person takes it over,
so nothing that is typed meanwhile can be lost under it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.shared_drafts import (
    DraftEnd,
    Elsewhere,
    Entered,
    Meeting,
    Presence,
    SharedDraft,
    meet,
    what_is_entered,
)
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import LONGEST_TEXT, Came, DraftToSay
from loopdesk.store.chain import append
from loopdesk.store.codecs import draft_json, json_draft, text_operator, text_time, time_text, to_json
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.returns import drafts
from loopdesk.store.share_marks import mark, took
from loopdesk.store.sql import fetch, queries

_SQL = queries("shared_drafts")
_SHARING = queries("sharing")
_DRAFTS = queries("drafts")

_SAID = 20
"""Of so many values of a return it is known that this store said them. The hub remembers as many of each."""

_PHOTO = re.compile(r"[0-9a-f]{32}\.jpg")


def content_of(draft: Draft) -> str:
    """Return a hash of what is entered, "" for nothing."""
    if draft.is_empty:
        return ""
    return hashlib.sha256(draft_json(what_is_entered(draft)).encode()).hexdigest()[:32]


def elsewhere_of(connection: apsw.Connection, here: Draft, bench_id: str) -> Elsewhere:
    """Return what the other benches have of a return, inside the caller's transaction.

    Args:
        bench_id: This bench's.
    """
    rows = fetch(connection, _SQL["presence_of"], (here.return_id,))
    open_at = _presences(rows)
    row = _row(connection, here.return_id)
    if row is None or row.theirs is None:
        return Elsewhere(open_at=open_at)
    meeting = _met(connection, here, row, row.theirs)
    is_ours = row.theirs.bench_id == bench_id
    if is_ours and meeting is Meeting.HERE:
        return Elsewhere(meeting, None, open_at)
    return Elsewhere(meeting, row.theirs, open_at, is_ours=is_ours)


def _met(connection: apsw.Connection, here: Draft, row: _Row, theirs: SharedDraft) -> Meeting:
    """Decide how both go together; what was settled here stands until the hub has heard of it.

    Another bench that had not heard of it may say what it entered first. Were that taken over, the settlement
    would be told to nobody, and all benches would list as put aside what is finished.
    """
    meeting, return_id = meet(row.entered(here), theirs), here.return_id
    if meeting is not Meeting.THEIRS or not here.is_empty or here.parked:
        return meeting
    is_untold = fetch(connection, _SQL["settled_untold"], (drafts.KIND, return_id))
    return Meeting.HERE if is_untold else meeting


def _presences(rows: Sequence[Sequence[Any]]) -> tuple[Presence, ...]:
    return tuple(
        Presence(bench, return_id, order_name, person, text_time(since))
        for bench, return_id, order_name, person, since in rows
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """What is kept about a return beside its draft."""

    base: str
    base_content: str
    theirs: SharedDraft | None
    body: str | None
    said: tuple[str, ...] = ()
    """What this store said of it, newest first, whether or not the hub heard it."""

    def entered(self, here: Draft) -> Entered:
        return Entered(content_of(here), here.updated_at, self.base, self.base_content)


_NOTHING = _Row("", "", None, None)


def _row(connection: apsw.Connection, return_id: str) -> _Row | None:
    found = fetch(connection, _SQL["get"], (return_id,))
    return _read(return_id, found[0]) if found else None


def _read(return_id: str, values: Sequence[Any]) -> _Row:
    base, base_content, said, revision, order_name, bench, bench_id, person, at, *rest = values
    body, content, lineage, ended = rest
    own = tuple(json.loads(said))
    if not revision:
        return _Row(base, base_content, None, None, own)
    theirs = SharedDraft(
        return_id=return_id,
        revision=revision,
        order_name=order_name,
        bench=bench,
        bench_id=bench_id,
        person=person,
        at=text_time(at),
        draft=_readable(return_id, body),
        content=content,
        lineage=tuple(json.loads(lineage)),
        ended=DraftEnd(ended),
    )
    return _Row(base, base_content, theirs, body, own)


def _readable(return_id: str, body: str | None) -> Draft | None:
    """Read what another bench entered; None where it holds what this version does not know."""
    if body is None:
        return None
    try:
        draft = json_draft(body)
        is_whole = json_draft(draft_json(draft)) == draft
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return draft if is_whole and draft.return_id == return_id and _is_sound(draft) else None


def _is_sound(draft: Draft) -> bool:
    """Whether texts are texts, and photos are named as every bench names them.

    A name that leads out of the folder of photos would let a file of this machine go to the place for photos.
    """
    texts = [*draft.notes, draft.flag_reason, draft.chosen, draft.selected]
    texts += [text for x in draft.inspections for text in (x.line_item_id, x.note)]
    texts += [text for x in draft.extras for text in (x.code, x.words, x.item_id, x.instead_of, x.title)]
    photos = [photo for x in draft.inspections for photo in x.photos]
    photos += [photo for x in draft.extras for photo in x.photos]
    if not all(isinstance(text, str) for text in (*texts, *photos)):
        return False
    return all(_PHOTO.fullmatch(photo) for photo in photos)


class KeptSharedDrafts:
    """Implements ``services.ports.sharing.SharedDrafts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, event: SharedEvent, shown: str, at: datetime) -> Came:
        """Take what the hub tells. See the port."""

        def work(connection: apsw.Connection) -> Came:
            if not took(connection, event.seq):
                return Came.NOTHING
            if event.value is None:
                connection.execute(_SQL["forget"], (event.key.rpartition(":")[2],))
                return Came.TOLD
            return _receive(connection, event.value, shown, at)

        return await self._database.write(work)

    async def to_say(self, return_id: str) -> DraftToSay:
        """Return what the hub is to be told about a return. See the port."""
        return await self._database.write(lambda db: _to_say(db, return_id))

    async def answered(
        self, said: DraftToSay, value: Mapping[str, Any] | None, *, is_kept: bool, shown: str, at: datetime
    ) -> Came:
        """Take what the hub has after a put. See the port."""

        def work(connection: apsw.Connection) -> Came:
            if value is None:
                return Came.NOTHING
            came = Came.NOTHING
            if not is_kept:  # first: by its turn is told whether this bench, or a newer copy of it, put it
                came = _receive(connection, value, shown, at)
            connection.execute(_SHARING["raise_turn"], (_whole(value.get("turn")),))
            if not is_kept:
                return came
            connection.execute(_SHARING["learn_self"], (_text(value.get("bench_id")),))
            _tell(connection, value)
            _stand_on(connection, said.return_id, _text(value.get("revision")), said.content)
            return Came.NOTHING

        return await self._database.write(work)

    async def take_over(self, return_id: str, revision: str) -> bool:
        """Let what another bench entered replace what is here. See the port."""

        def work(connection: apsw.Connection) -> bool:
            here, row = drafts.of_return(connection, return_id), _row(connection, return_id)
            theirs = row.theirs if row is not None else None
            if row is None or theirs is None or theirs.draft is None or theirs.revision != revision:
                return False
            if _met(connection, here, row, theirs) is not Meeting.THEIRS:
                return False
            _replace(connection, theirs, theirs.draft)
            return True

        return await self._database.write(work)

    async def choose(
        self, return_id: str, revision: str, *, theirs: bool, by: Operator, station: str, at: datetime
    ) -> bool:
        """Take a person's word for which of two is to stand. See the port."""

        def work(connection: apsw.Connection) -> bool:
            here, row = drafts.of_return(connection, return_id), _row(connection, return_id)
            other = row.theirs if row is not None else None
            if row is None or other is None or other.draft is None or other.revision != revision:
                return False
            left = draft_json(here) if theirs else row.body
            chosen = other.bench if theirs else station
            _audit(connection, "draft_chosen", other, left, by=by, station=station, at=at, chosen=chosen)
            if theirs:
                _replace(connection, other, other.draft)
            else:
                _stand_on(connection, return_id, other.revision, content_of(other.draft))
                mark(connection, drafts.KIND, return_id)
            return True

        return await self._database.write(work)

    async def elsewhere(self, most: int = 50) -> tuple[SharedDraft, ...]:
        """Return what other benches have entered and nobody here changed since, latest first."""

        def work(connection: apsw.Connection) -> tuple[SharedDraft, ...]:
            found = []
            for return_id, *values, body in fetch(connection, _SQL["latest"], (most,)):
                row = _read(return_id, values)
                here = Draft(return_id) if body is None else drafts.read(body)
                if row.theirs is not None and _is_of_others(here, row):
                    found.append(row.theirs)
            return tuple(found)

        return await self._database.read(work)

    async def open_elsewhere(self) -> tuple[Presence, ...]:
        """Return what is open at the other benches, as the hub told last."""
        return _presences(await self._database.read(lambda db: fetch(db, _SQL["open_elsewhere"])))


def _is_of_others(here: Draft, row: _Row) -> bool:
    """Whether all that is entered is another bench's, also if it was opened here and left there again."""
    entered, theirs = row.entered(here), row.theirs
    is_left = theirs is not None and entered.content == theirs.content and not here.parked
    return is_left or meet(entered, theirs) is Meeting.THEIRS


def _receive(connection: apsw.Connection, value: Mapping[str, Any], shown: str, at: datetime) -> Came:
    """Keep what the hub has of a return, and see what that means for what is entered here."""
    return_id = _text(value.get("return_id"))
    before = _row(connection, return_id) or _NOTHING
    _tell(connection, value)
    row, here = _row(connection, return_id) or _NOTHING, drafts.of_return(connection, return_id)
    theirs = row.theirs
    if theirs is None:
        return Came.NOTHING
    site = fetch(connection, _SHARING["site"])
    if not site:  # the hub was left meanwhile
        return Came.NOTHING
    _, _, turn, own = site[0]
    is_news = before.theirs is None or before.theirs.revision != theirs.revision
    is_said = _saying(theirs.content, theirs.ended) in row.said and _whole(value.get("turn")) <= turn
    if is_news and is_said and own in ("", theirs.bench_id):  # the id is learned with the first answer
        _stand_on(connection, return_id, theirs.revision, theirs.content)
        return Came.NOTHING
    entered = row.entered(here)
    if entered.content and entered.content == theirs.content:
        _stand_on(connection, return_id, theirs.revision, theirs.content)
    elif meet(entered, theirs) is Meeting.OVER and return_id != shown:
        _drop(connection, here, theirs, at)
        return Came.DROPPED
    elif here.is_empty and theirs.ended is DraftEnd.SETTLED and return_id != shown:
        drafts.forget(connection, return_id)  # it was only looked at, and put aside
    return Came.NOTHING if before.theirs == theirs else Came.TOLD


def _drop(connection: apsw.Connection, here: Draft, theirs: SharedDraft, at: datetime) -> None:
    """Delete what is entered here, because it ended elsewhere since; it stays in the audit log."""
    _audit(connection, "draft_dropped", theirs, draft_json(here), at=at)
    connection.execute(_DRAFTS["delete"], (here.return_id,))
    connection.execute(_SHARING["unmark"], (drafts.KIND, here.return_id))
    _stand_on(connection, here.return_id, theirs.revision, "")


def _replace(connection: apsw.Connection, theirs: SharedDraft, draft: Draft) -> None:
    """Let what another bench entered be what is entered here. The hub knows it."""
    drafts.write(connection, draft)
    connection.execute(_SHARING["unmark"], (drafts.KIND, theirs.return_id))
    _stand_on(connection, theirs.return_id, theirs.revision, content_of(draft))


def _to_say(connection: apsw.Connection, return_id: str) -> DraftToSay:
    here, row = drafts.of_return(connection, return_id), _row(connection, return_id) or _NOTHING
    is_there = not here.is_empty or here.parked
    ended, person, at, order_name = DraftEnd.NOT, None, here.updated_at, ""
    if not is_there:
        ended, at = DraftEnd.DISCARDED, None
        for decided_at, operator, name in fetch(connection, _SQL["last_settlement"], (return_id,)):
            ended, at = DraftEnd.SETTLED, text_time(decided_at)
            person, order_name = text_operator(operator), name
    elif here.inspections:
        person = max(here.inspections, key=lambda x: x.inspected_at).operator
    named = fetch(connection, _SQL["order_name"], (return_id,))
    known = row.theirs.order_name if row.theirs is not None else ""
    turn = fetch(connection, _SHARING["next_turn"])
    content = content_of(here) if is_there else ""
    _remember(connection, return_id, row.said, _saying(content, ended))
    return DraftToSay(
        return_id=return_id,
        order_name=order_name or (named[0][0] if named else known),
        turn=turn[0][0] if turn else 0,
        base=row.base,
        body=draft_json(here) if is_there else None,
        content=content,
        ended=ended,
        person=person,
        at=at,
        is_held=_waits(meet(row.entered(here), row.theirs), ended),
    )


def _waits(meeting: Meeting, ended: DraftEnd) -> bool:
    """Whether what is here is nothing to say: a person chooses first, or the hub has what came from it.

    The hub takes whatever follows from the same bench for newer. A store that was put back from an older copy
    has what is older.
    """
    return meeting is Meeting.BOTH or (meeting is Meeting.THEIRS and ended is not DraftEnd.SETTLED)


def _saying(content: str, ended: DraftEnd) -> str:
    """Return by what it is known again what was said of a return.

    The count of puts alone does not tell: a store that was put back from an older copy counts the same
    numbers again, and would take for its own what was entered after the copy.
    """
    return ended.value or content


def _remember(connection: apsw.Connection, return_id: str, said: Sequence[str], saying: str) -> None:
    """Note what is about to be said, before the hub can hear it."""
    if saying not in said:
        kept = [saying, *said][:_SAID]
        connection.execute(_SQL["remember"], {"return_id": return_id, "said": to_json(kept)})


def _stand_on(connection: apsw.Connection, return_id: str, revision: str, content: str) -> None:
    connection.execute(_SQL["stand_on"], {"return_id": return_id, "base": revision, "content": content})


def _tell(connection: apsw.Connection, value: Mapping[str, Any]) -> None:
    """Keep what the hub told of a return, whatever else it holds."""
    body, lineage, ended = value.get("draft"), value.get("lineage"), value.get("ended")
    values = {
        name: _text(value.get(name))
        for name in ("return_id", "revision", "bench", "bench_id", "person", "content")
    }
    connection.execute(
        _SQL["tell"],
        {
            **values,
            "order_name": _text(value.get("order")),
            "at": time_text(text_time(_text(value.get("at")))),
            "body": body if isinstance(body, str) else None,
            "lineage": to_json([_text(each) for each in lineage] if isinstance(lineage, list) else []),
            "ended": ended if ended in set(DraftEnd) else DraftEnd.NOT,
        },
    )


def _audit(
    connection: apsw.Connection,
    event: str,
    theirs: SharedDraft,
    left: str | None,
    *,
    at: datetime,
    by: Operator = PROGRAM,
    station: str = "",
    **more: Any,
) -> None:
    """Keep in the audit log what is left of two, whole, with what stands instead."""
    detail = {
        "left": left,
        "bench": theirs.bench,
        "person": theirs.person,
        "at": time_text(theirs.at),
        "revision": theirs.revision,
        "ended": theirs.ended,
        **more,
    }
    append(connection, event, at, operator=by, station=station, return_id=theirs.return_id, detail=detail)


def _text(value: Any) -> str:
    return storable(value)[:LONGEST_TEXT] if isinstance(value, str) else ""


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else 0
