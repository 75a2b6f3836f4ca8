"""What a station knows of itself at any time, as checks: the connection, the list of returns, the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from loopdesk.domain.checks import Check, Status, found
from loopdesk.domain.errors import PhotoNotStored
from loopdesk.domain.sync import NOT_HEARD, HubContact
from loopdesk.presenters.words import hub_words
from loopdesk.services.ports.photos import PhotoCounts
from loopdesk.services.ports.store import Counts
from loopdesk.services.station.connection import ConnectionState, LinkState

OLD = timedelta(hours=1)
"""A list of returns that was read longer ago is old: it is read every minute, or every few."""

_LINKS: Mapping[LinkState, tuple[Status, str]] = {
    LinkState.ONLINE: (Status.OK, "link_online"),
    LinkState.OFFLINE: (Status.WARNING, "link_offline"),
    LinkState.LOGIN_PAGE: (Status.WARNING, "link_login"),
    LinkState.KEY_REFUSED: (Status.FAILED, "link_key_refused"),
    LinkState.LOCKED: (Status.FAILED, "link_locked"),
}


def live_checks(
    state: ConnectionState,
    counts: Counts,
    synced_at: datetime | None,
    now: datetime,
    hub: HubContact = NOT_HEARD,
) -> tuple[Check, ...]:
    """Judge what is known without asking anybody.

    Args:
        synced_at: When the list of returns last was complete; None for never.
        hub: Whether the hub can be heard.
    """
    connection = _connection(state)
    is_connected = connection.status is Status.OK
    return (
        connection,
        *_hub(hub),
        _sync(synced_at, now, is_refused=state.link is LinkState.KEY_REFUSED),
        _attention(counts),
        _queue(counts, is_connected=is_connected),
    )


def _connection(state: ConnectionState) -> Check:
    status, code = _LINKS[state.link]
    if state.link is LinkState.ONLINE and not state.has_answered:
        code = "link_unasked"
    elif state.link in (LinkState.OFFLINE, LinkState.KEY_REFUSED) and state.trouble in hub_words.WORDS:
        code = f"link_{state.trouble}"
    return Check("connection", status, (found(code),), since=state.since if status is not Status.OK else None)


def _hub(hub: HubContact) -> tuple[Check, ...]:
    """Say whether the hub is heard; nothing without one."""
    if hub.is_heard:
        return (Check("hub", Status.OK, (found("hub_heard"),)),)
    if hub.is_silent:
        return (Check("hub", Status.WARNING, (found("hub_silent"),), since=hub.heard_at),)
    return ()


def _sync(synced_at: datetime | None, now: datetime, *, is_refused: bool) -> Check:
    if synced_at is not None and is_refused:
        return Check("sync", Status.WARNING, (found("sync_stopped"),), since=synced_at)
    if synced_at is None:
        return Check("sync", Status.WARNING, (found("never_synced"),))
    if now - synced_at > OLD:
        return Check("sync", Status.WARNING, (found("sync_old"),), since=synced_at)
    return Check("sync", Status.OK, (found("synced"),))


def _attention(counts: Counts) -> Check:
    if not counts.attention:
        return Check("attention", Status.OK, (found("attention_none"),))
    return Check("attention", Status.WARNING, (found("attention_waits"),), since=counts.oldest_attention_at)


def _queue(counts: Counts, *, is_connected: bool) -> Check:
    if not counts.kept and not counts.sent:
        return Check("queue", Status.OK, (found("queue_empty"),))
    if is_connected:
        return Check("queue", Status.OK, (found("queue_moves"),))
    return Check("queue", Status.WARNING, (found("queue_waits"),))


def photo_check(photos: PhotoCounts, trouble: PhotoNotStored | None) -> Check:
    """Judge the queue of photos.

    Args:
        trouble: Why the place for photos took nothing the last time; None if it did.
    """
    if trouble is not None:
        return Check("photo queue", Status.WARNING, (found("photos_wait"),), trouble, since=photos.oldest_at)
    if photos.lost:
        return Check("photo queue", Status.WARNING, (found("photos_lost"),))
    return Check("photo queue", Status.OK, (found("photos_move"),))
