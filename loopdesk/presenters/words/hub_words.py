"""What a person is told of the hub: who has a return, why nothing goes through, why a bench did not join."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from loopdesk.domain.outbox.hub_word import HubClaim
from loopdesk.domain.outbox.stages import Cause, Why
from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import N_, Said, _
from loopdesk.services.ports.hub import JoinedHub

TROUBLES: Mapping[str, tuple[str, str]] = {
    "hub_unreachable": (N_("Hub not reachable"), "offline"),
    "hub_certificate": (N_("Not our hub: another certificate"), "blocked"),
    "hub_revoked": (N_("The hub has revoked this bench"), "blocked"),
    "hub_unauthorized": (N_("The hub does not know this bench"), "blocked"),
    "hub_no_shop_key": (N_("The hub lacks the shop's key"), "blocked"),
}
"""Text and tone on the strip by ``ConnectionState.trouble``."""


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
