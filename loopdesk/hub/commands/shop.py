"""``loopdesk hub shop add|list|key``: the shops of the site, and their keys of Loop."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys

from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.working import working
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.hub.shops.registry import SiteShop
from loopdesk.i18n.catalogue import _

COLOURS = ("#1f6feb", "#b3541e", "#2e7d32", "#7b3fa0", "#00796b", "#a8324a", "#5d6b00", "#455a9c")
"""Given to shops in turn; each is dark enough for white letters."""


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("shop", help="the shops of this site").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    new = does.add_parser("add", help="add a shop")
    new.add_argument("id", metavar="ID", help="a short word of letters, digits and dashes")
    new.add_argument("name", metavar="NAME", help="what people call it")
    new.add_argument(
        "--colour", metavar="#RRGGBB", default="", help="by which a bench shows whose a return is"
    )
    new.set_defaults(run=_add)
    does.add_parser("list", help="all shops").set_defaults(run=_list)
    key = does.add_parser("key", help="give a shop its key of Loop: standard input gives it")
    key.add_argument("id", metavar="ID")
    key.set_defaults(run=_key)


def _add(arguments: argparse.Namespace, voice: Voice) -> int:
    asyncio.run(_added(read_settings(arguments.settings), arguments))
    voice.say(_("Added. Give it its key: loopdesk hub shop key {shop}", shop=arguments.id))
    return 0


async def _added(settings: HubSettings, arguments: argparse.Namespace) -> None:
    async with working(settings) as works:
        colour = arguments.colour or COLOURS[len(await works.shops.shops()) % len(COLOURS)]
        await works.shops.add(arguments.id, arguments.name, colour.lower())


def _list(arguments: argparse.Namespace, voice: Voice) -> int:
    shops = asyncio.run(_shops(read_settings(arguments.settings)))
    voice.say(*(f"{shop.id:<20}{shop.name:<32}{_key_state(shop)}" for shop in shops))
    if not shops:
        voice.say(_("There is no shop yet. Run: loopdesk hub shop add ID NAME"))
    return 0


async def _shops(settings: HubSettings) -> tuple[SiteShop, ...]:
    async with working(settings) as works:
        return await works.shops.shops()


def _key_state(shop: SiteShop) -> str:
    if shop.key is not None:
        return _("key {fingerprint}", fingerprint=shop.fingerprint)
    return _("its key cannot be opened") if shop.fingerprint else _("no key")


def _key(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    text = getpass.getpass(_("Loop's key: ")) if sys.stdin.isatty() else sys.stdin.readline()
    fingerprint = asyncio.run(_given(settings, arguments.id, text))
    voice.say(_("The hub uses this key from now on: {fingerprint}", fingerprint=fingerprint))
    return 0


async def _given(settings: HubSettings, shop_id: str, text: str) -> str:
    async with working(settings) as works:
        return await works.shops.give_key(shop_id, text)
