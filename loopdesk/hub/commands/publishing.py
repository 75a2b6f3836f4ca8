"""``loopdesk hub vocabulary …`` and ``loopdesk hub settings …``: what all benches work by."""

from __future__ import annotations

import argparse
import asyncio
import getpass
from pathlib import Path

from loopdesk.domain.publishing import SITE, Published
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.working import working
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.index.feed import CHANNEL
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.hub.sharing.publications import KeptVersion, Publications, read_checked
from loopdesk.i18n.catalogue import _

_ABOUT = {
    Published.VOCABULARY: "the grades and texts that all benches work by",
    Published.SETTINGS: "the settings that all benches get",
}


def add(commands: Commands) -> None:
    """Add both parsers."""
    for kind, about in _ABOUT.items():
        does = commands.add_parser(kind.value, help=about).add_subparsers(
            dest="action", metavar="ACTION", required=True
        )
        new = does.add_parser("set", help="check a file, and give it to the benches")
        new.add_argument("file", metavar="FILE", type=Path)
        new.set_defaults(run=_set)
        show = does.add_parser("show", help="print the file that is in force, or an older version")
        show.add_argument("--version", metavar="N", type=int, default=0)
        show.set_defaults(run=_show)
        history = does.add_parser("history", help="every version, with who gave it and when")
        history.set_defaults(run=_history)
        back = does.add_parser("back", help="give an older version again")
        back.add_argument("version", metavar="N", type=int)
        back.set_defaults(run=_back)
        end = does.add_parser("end", help="take back what was given")
        end.set_defaults(run=_end)
        for each in (new, back, end):
            each.add_argument("--by", metavar="NAME", default="", help="who does it; the user by default")
        for each in (new, show, history, back, end):
            each.set_defaults(kind=kind, shop=SITE)
            if kind is Published.VOCABULARY:
                each.add_argument("--shop", metavar="ID", default=SITE, help="of this shop alone")


def _set(arguments: argparse.Namespace, voice: Voice) -> int:
    text = read_checked(arguments.kind, arguments.file)
    number = asyncio.run(_given(read_settings(arguments.settings), arguments, text))
    voice.say(_("Version {n} is in force. Benches that are connected have it in a moment.", n=number))
    return 0


def _end(arguments: argparse.Namespace, voice: Voice) -> int:
    asyncio.run(_given(read_settings(arguments.settings), arguments, None))
    voice.say(_("Taken back. Benches work by what they had without it."))
    return 0


def _back(arguments: argparse.Namespace, voice: Voice) -> int:
    number = asyncio.run(_again(read_settings(arguments.settings), arguments))
    voice.say(_("Version {n} is in force; it is version {m} again.", n=number, m=arguments.version))
    return 0


def _show(arguments: argparse.Namespace, voice: Voice) -> int:
    versions = asyncio.run(_versions(read_settings(arguments.settings), arguments))
    wanted = arguments.version or (versions[0].number if versions else 0)
    found = next((one for one in versions if one.number == wanted), None)
    if found is None and arguments.version:
        raise HubFailure(why="no_such_version", n=arguments.version)
    if found is None or found.text is None:
        voice.say(_("Nothing is in force."))
    else:
        voice.say(*found.text.splitlines())
    return 0


def _history(arguments: argparse.Namespace, voice: Voice) -> int:
    versions = asyncio.run(_versions(read_settings(arguments.settings), arguments))
    voice.say(*(_line(each) for each in versions))
    if not versions:
        voice.say(_("Nothing was given yet."))
    return 0


def _line(version: KeptVersion) -> str:
    what = version.mark or _("taken back")
    return f"{version.number:<6}{version.at.isoformat(sep=' ', timespec='minutes'):<26}{what:<14}{version.by}"


async def _given(settings: HubSettings, arguments: argparse.Namespace, text: str | None) -> int:
    async with working(settings) as works:
        number = await Publications(works.database).give(
            arguments.kind, arguments.shop, text, _who(arguments)
        )
        await works.database.notify(CHANNEL)
        return number


async def _again(settings: HubSettings, arguments: argparse.Namespace) -> int:
    async with working(settings) as works:
        number = await Publications(works.database).give_again(
            arguments.kind, arguments.shop, arguments.version, _who(arguments)
        )
        await works.database.notify(CHANNEL)
        return number


async def _versions(settings: HubSettings, arguments: argparse.Namespace) -> tuple[KeptVersion, ...]:
    async with working(settings) as works:
        return await Publications(works.database).versions(arguments.kind, arguments.shop)


def _who(arguments: argparse.Namespace) -> str:
    return str(arguments.by) or getpass.getuser()
