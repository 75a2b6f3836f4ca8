"""What a person is told of the hub: who has a return, why nothing goes through, why a bench did not join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from loopdesk.domain.outbox.hub_word import HubClaim
from loopdesk.domain.outbox.stages import ELSEWHERE, Cause, Why
from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import N_, Said, _

if TYPE_CHECKING:
    from loopdesk.services.ports.hub import JoinedHub

TROUBLES: Mapping[str, tuple[str, str]] = {
    "hub_unreachable": (N_("Hub not reachable"), "offline"),
    "hub_certificate": (N_("Not our hub: another certificate"), "blocked"),
    "hub_certificate_date": (N_("The hub's certificate is not valid now"), "blocked"),
    "hub_revoked": (N_("The hub has revoked this bench"), "blocked"),
    "hub_unauthorized": (N_("The hub does not know this bench"), "blocked"),
    "hub_no_shop_key": (N_("The hub lacks the shop's key"), "blocked"),
}
"""Text and tone on the strip by ``ConnectionState.trouble``."""

_JOIN = N_("Everything is kept. IT makes a join code at the hub, and it is entered in Settings.")

LINE: Mapping[str, tuple[str, str]] = {
    "hub_unreachable": (
        N_("The hub cannot be reached."),
        N_("Go on working: everything is kept here and goes out when the hub is back."),
    ),
    "hub_certificate": (
        N_("What answers in the hub's place shows another certificate; the token was not sent."),
        N_("IT: if the hub's certificate was changed while this bench was off, join it with a new code."),
    ),
    "hub_certificate_date": (
        N_("The hub's certificate is not valid by this computer's clock."),
        N_("Let network time set the clock. If it is right, IT looks at the hub: loopdesk hub doctor."),
    ),
}
"""What happened on the way to the hub, and what to do."""

KEY: Mapping[str, tuple[str, str]] = {
    "hub_revoked": (N_("The hub has revoked this bench."), _JOIN),
    "hub_unauthorized": (N_("The hub does not know this bench."), _JOIN),
    "hub_no_shop_key": (
        N_("The hub lacks the shop's key."),
        N_("Everything is kept. IT gives the hub the shop's key again: loopdesk hub shop."),
    ),
}
"""Why the hub refused this bench, and what to do."""

WAITING: Mapping[str, str] = {
    "hub_unreachable": N_("Waits for the hub"),
    "hub_certificate": N_("Waits: the hub's certificate is another one"),
    "hub_certificate_date": N_("Waits: the hub's certificate is not valid now"),
    "hub_revoked": N_("Waits: the hub has revoked this bench"),
    "hub_unauthorized": N_("Waits: the hub does not know this bench"),
    "hub_no_shop_key": N_("Waits: the hub lacks the shop's key"),
}
"""Why nothing is sent, beside what waits."""

WORDS: Mapping[str, tuple[str, str]] = {**LINE, **KEY}
"""Of all of it, wherever a person is told."""


def joined(joined: JoinedHub, *, is_stored: bool) -> tuple[Said, ...]:
    """Say that a bench was joined, as what and for which shops."""
    shops = ", ".join(shop.name for shop in joined.shops if shop.name)
    said = Said(N_("Joined to the hub as {bench}, for: {shops}."), {"bench": joined.bench, "shops": shops})
    if is_stored:
        return (said,)
    memory = N_("This computer's key store cannot be used: the key is kept in memory until the program ends.")
    return said, Said(memory)


def claim(cause: Cause) -> str:
    """Say which bench finishes a return, or did, by whom and when, as far as the hub told; as part of a
    sentence.
    """
    told = HubClaim.of(cause.value)
    station = told.station or _("another bench")
    if told.person:
        station = _("{station} by {person}", station=station, person=told.person)
    at = _time(told.at)
    if cause.code == Why.FINISHED_AT_HUB:
        if at:
            return _("it was finished at {station}, {time}", station=station, time=at)
        return _("it was finished at {station}", station=station)
    if at:
        return _("it is being finished at {station} since {time}", station=station, time=at)
    return _("it is being finished at {station}", station=station)


def finished(cause: Cause) -> str:
    """Say where a return was finished that Loop shows as finished by now; "" if the cause names nobody."""
    if cause.code not in ELSEWHERE:
        return ""
    return claim(replace(cause, code=Why.FINISHED_AT_HUB))


def _time(text: str) -> str:
    """Write a time of the hub as this computer's clock shows it, with its day; "" if it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if at.tzinfo is None:
        return ""
    here, form = at.astimezone(), formats.current()
    return _("{day}, {time}", day=form.day(here.date()), time=form.time(here.time()))
