"""``loopdesk hub bench add|code|list|revoke``: which benches may ask this hub."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from pathlib import Path

from loopdesk.domain.errors import ValueWrong
from loopdesk.domain.hub_join import JOIN_MINUTES, JoinCode
from loopdesk.hub.benches import qr_code
from loopdesk.hub.benches.certificate import pinned_fingerprint
from loopdesk.hub.benches.registry import ListedBench
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.working import working
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import HubSettings, read_settings
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
    benches = asyncio.run(_benches(read_settings(arguments.settings)))
    voice.say(*(_line(bench) for bench in benches))
    if not benches:
        voice.say(_("There is no bench yet. Run: loopdesk hub bench add NAME"))
    return 0


async def _benches(settings: HubSettings) -> tuple[ListedBench, ...]:
    async with working(settings) as works:
        return await works.benches.all()


def _line(bench: ListedBench) -> str:
    if bench.revoked_at is not None:
        state = _("revoked {day}", day=_day(bench.revoked_at))
    elif bench.joined_at is not None:
        state = _("joined {day}", day=_day(bench.joined_at))
    else:
        state = _("has not joined")
    shops = _("every shop") if bench.shops is None else ", ".join(bench.shops)
    return f"{bench.name:<24}{state:<24}{shops}"


def _day(at: datetime) -> str:
    return at.date().isoformat()


def _revoke(arguments: argparse.Namespace, voice: Voice) -> int:
    asyncio.run(_revoked(read_settings(arguments.settings), arguments.name))
    voice.say(_("{bench} may ask nothing any more. What it has kept stays on it.", bench=arguments.name))
    return 0


async def _revoked(settings: HubSettings, name: str) -> None:
    async with working(settings) as works:
        await works.benches.revoke(name)
