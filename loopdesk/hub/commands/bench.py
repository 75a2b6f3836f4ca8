"""``loopdesk hub bench add|code|list|revoke``: which benches may ask this hub."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from pathlib import Path
from uuid import UUID

from loopdesk.domain.errors import ValueWrong
from loopdesk.domain.hub_join import JOIN_MINUTES, JoinCode
from loopdesk.domain.publishing import SITE, Published, Use
from loopdesk.hub.benches import qr_code
from loopdesk.hub.benches.certificate import pinned_fingerprint
from loopdesk.hub.benches.registry import ListedBench
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.working import working
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.hub.sharing.publications import Publications
from loopdesk.i18n.catalogue import _


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("bench", help="which benches may ask this hub").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    new = does.add_parser("add", help="add a bench, and show the code by which it joins")
    new.add_argument("name", metavar="NAME", help="what people will call it, such as 'Dock 3'")
    new.add_argument(
        "--shop", metavar="ID", action="append", default=[], help="only this shop; may be repeated"
    )
    again = does.add_parser("code", help="show another code for a bench, to join again or for the first time")
    again.add_argument("name", metavar="NAME")
    for each in (new, again):
        each.add_argument("--file", metavar="FILE", type=Path, help="write the QR code there too, as SVG")
        each.set_defaults(run=_show_code)
    does.add_parser("list", help="all benches").set_defaults(run=_list)
    revoke = does.add_parser("revoke", help="take a bench's right to ask anything, for good")
    revoke.add_argument("name", metavar="NAME")
    revoke.set_defaults(run=_revoke)


def _show_code(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    _join_code(settings, bytes(16))  # what is missing is told before the bench is there
    code = _join_code(settings, asyncio.run(_secret(arguments, settings))).text()
    voice.say(*qr_code.for_terminal(code), "", code, "")
    voice.say(_("Good once, for {n} minutes. Scan it at the bench, or type it.", n=JOIN_MINUTES))
    if arguments.file is not None:
        try:
            qr_code.write_svg(code, arguments.file)
        except OSError as failure:
            raise HubFailure(why="unwritable", file=str(arguments.file)) from failure
        voice.say(_("Written: {file}", file=str(arguments.file)))
    return 0


async def _secret(arguments: argparse.Namespace, settings: HubSettings) -> bytes:
    async with working(settings) as works:
        if arguments.action == "add":
            return await works.benches.add(arguments.name, arguments.shop)
        return await works.benches.new_code(arguments.name)


def _join_code(settings: HubSettings, secret: bytes) -> JoinCode:
    """Return the code for a secret: with the hub's address, and its certificate's fingerprint if needed."""
    http = settings.http
    pinned = b""
    if http.certificate is not None:
        try:
            pinned = pinned_fingerprint(http.certificate)
        except (OSError, ValueError) as failure:
            raise HubFailure(why="certificate_unusable", file=str(http.certificate)) from failure
    try:
        return JoinCode(http.address, secret, pinned)
    except ValueWrong as failure:
        raise HubFailure(why="address_unfit", address=http.address) from failure


def _list(arguments: argparse.Namespace, voice: Voice) -> int:
    benches, uses = asyncio.run(_benches(read_settings(arguments.settings)))
    for bench in benches:
        voice.say(_line(bench), *(f"  {_use(use)}" for use in uses.get(bench.id, ())))
    if not benches:
        voice.say(_("There is no bench yet. Run: loopdesk hub bench add NAME"))
    return 0


async def _benches(settings: HubSettings) -> tuple[tuple[ListedBench, ...], dict[UUID, tuple[Use, ...]]]:
    async with working(settings) as works:
        return await works.benches.all(), await Publications(works.database).uses()


def _line(bench: ListedBench) -> str:
    if bench.revoked_at is not None:
        state = _("revoked {day}", day=_day(bench.revoked_at))
    elif bench.joined_at is not None:
        state = _("joined {day}", day=_day(bench.joined_at))
    else:
        state = _("has not joined")
    shops = _("every shop") if bench.shops is None else ", ".join(bench.shops)
    return f"{bench.name:<24}{state:<24}{shops}"


def _use(use: Use) -> str:
    """Say what a bench works by, of one kind and scope."""
    if use.kind is Published.SETTINGS:
        what = _("settings of the site")
    elif use.scope == SITE:
        what = _("vocabulary of the site")
    else:
        what = _("vocabulary of {shop}", shop=use.scope)
    if use.is_own:
        state = _("not used: the bench has a file of its own")
    elif use.version:
        state = _("version {n} ({mark})", n=use.version, mark=use.mark)
    else:
        state = _("none")
    if not use.refused:
        return f"{what}: {state}"
    refused = _("version {n} cannot be used there ({place})", n=use.refused, place=use.refused_at)
    return f"{what}: {state}; {refused}"


def _day(at: datetime) -> str:
    return at.date().isoformat()


def _revoke(arguments: argparse.Namespace, voice: Voice) -> int:
    asyncio.run(_revoked(read_settings(arguments.settings), arguments.name))
    voice.say(_("{bench} may ask nothing any more. What it has kept stays on it.", bench=arguments.name))
    return 0


async def _revoked(settings: HubSettings, name: str) -> None:
    async with working(settings) as works:
        await works.benches.revoke(name)
