"""``loopdesk hub claims list|end``: who finishes which return, and a lead's word that nobody does."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime

from loopdesk.domain.outbox.actions import Kind
from loopdesk.hub.commands.speaking import Commands, Voice, who_says
from loopdesk.hub.commands.working import working
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.ledger import claims
from loopdesk.hub.ledger.acts import OpenClaim
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.i18n.catalogue import N_, _

_KINDS = {
    Kind.PROCESS: N_("process"),
    Kind.REMOVE: N_("remove"),
    Kind.CANCEL: N_("cancel"),
    Kind.CLOSE: N_("close"),
}


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("claims", help="which bench finishes which return").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    does.add_parser("list", help="all that are open").set_defaults(run=_list)
    end = does.add_parser(
        "end", help="say that a bench does not finish a return any more, so that others may"
    )
    end.add_argument("shop", metavar="SHOP")
    end.add_argument("number", metavar="RETURN", help="Loop's number of the return")
    end.add_argument("--by", metavar="NAME", required=True, help="who says so; benches are told")
    end.set_defaults(run=_end)


def _list(arguments: argparse.Namespace, voice: Voice) -> int:
    found = asyncio.run(_open(read_settings(arguments.settings)))
    voice.say(*(_line(claim) for claim in found))
    if not found:
        voice.say(_("No return is claimed."))
    return 0


async def _open(settings: HubSettings) -> tuple[OpenClaim, ...]:
    async with working(settings) as works:
        return await works.ledger.all_open()


def _line(claim: OpenClaim) -> str:
    who = f"{claim.station}, {claim.person}" if claim.person else claim.station
    state = _("waits for a person since {time}", time=_time(claim.stale_at)) if claim.stale_at else ""
    what = _(_KINDS[claim.kind])
    place = f"{claim.place.shop_id:<16}{claim.place.return_id:<20}"
    return f"{place}{what:<10}{_time(claim.taken_at):<18}{who:<32}{state}".rstrip()


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _end(arguments: argparse.Namespace, voice: Voice) -> int:
    asyncio.run(_ended(read_settings(arguments.settings), arguments))
    voice.say(
        _(
            "Ended. Look at Loop before the return {number} is settled again: what that bench sent may still "
            "have come through.",
            number=arguments.number,
        )
    )
    return 0


async def _ended(settings: HubSettings, arguments: argparse.Namespace) -> None:
    by = who_says(arguments.by)
    async with working(settings) as works:
        places = await works.ledger.open_claims(arguments.shop, (arguments.number,))
        if not places:
            raise HubFailure(why="claim_unknown", number=arguments.number)
        ended = await works.ledger.on_claim(places[0], lambda claim, facts: claims.on_word(claim, by, facts))
        if ended is None:
            raise HubFailure(why="claim_lives", number=arguments.number)
