"""``loopdesk hub return doubles|choose``: return numbers that two shops have, and which of them is meant."""

from __future__ import annotations

import argparse
import asyncio

from loopdesk.hub.commands.speaking import Commands, Voice, who_says
from loopdesk.hub.commands.working import working
from loopdesk.hub.reads.homes import Double
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.i18n.catalogue import _


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("return", help="return numbers that two shops have").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    does.add_parser("doubles", help="all such numbers").set_defaults(run=_doubles)
    choose = does.add_parser("choose", help="say of which shop a number is; until then nothing is sent of it")
    choose.add_argument("number", metavar="RETURN", help="Loop's number of the return")
    choose.add_argument("shop", metavar="SHOP")
    choose.add_argument("--by", metavar="NAME", required=True, help="who says so")
    choose.set_defaults(run=_choose)


def _doubles(arguments: argparse.Namespace, voice: Voice) -> int:
    found = asyncio.run(_found(read_settings(arguments.settings)))
    voice.say(*(_line(double) for double in found))
    if not found:
        voice.say(_("No two shops have a return of the same number."))
    return 0


async def _found(settings: HubSettings) -> tuple[Double, ...]:
    async with working(settings) as works:
        return await works.homes.doubles()


def _line(double: Double) -> str:
    if not double.chosen:
        said = _("nobody has said which one is meant")
    else:
        said = _("{shop} is meant, says {person}", shop=double.chosen, person=double.by)
    return f"{double.return_id:<20}{', '.join(double.shops):<32}{said}"


def _choose(arguments: argparse.Namespace, voice: Voice) -> int:
    asyncio.run(_chosen(read_settings(arguments.settings), arguments))
    voice.say(_("From now on {number} is a return of {shop}.", number=arguments.number, shop=arguments.shop))
    return 0


async def _chosen(settings: HubSettings, arguments: argparse.Namespace) -> None:
    by = who_says(arguments.by)
    async with working(settings) as works:
        await works.homes.choose(arguments.number, arguments.shop, by)
