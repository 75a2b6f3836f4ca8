"""``loopdesk hub certificate show|next|use``: changes the hub's own certificate without losing a bench."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from loopdesk.domain.hub_pins import trust_mark
from loopdesk.hub.benches.certificate import der_of, ends_at, make_certificate, pinned_fingerprint
from loopdesk.hub.benches.certificate_files import beside, put_in_place
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.working import working
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.i18n.catalogue import _
from loopdesk.system.host.clock import SystemClock


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("certificate", help="change the hub's own certificate").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    does.add_parser("show", help="both certificates, and which benches know the next").set_defaults(run=_show)
    does.add_parser(
        "next", help="make the next certificate, which benches are told of from then on"
    ).set_defaults(run=_next)
    use = does.add_parser("use", help="use the next certificate, once every bench knows it")
    use.add_argument("--anyway", action="store_true", help="though some benches must join again then")
    use.set_defaults(run=_use)


def _files(settings: HubSettings) -> tuple[Path, Path]:
    """Return the files of the hub's own certificate and its key.

    Raises:
        HubFailure: There is none, or an authority signed it.
    """
    certificate, key = settings.http.certificate, settings.http.certificate_key
    if certificate is None or key is None:
        raise HubFailure(why="certificate_none")
    try:
        if not pinned_fingerprint(certificate):
            raise HubFailure(why="certificate_foreign", file=str(certificate))
    except (OSError, ValueError) as failure:
        raise HubFailure(why="certificate_unusable", file=str(certificate)) from failure
    return certificate, key


def _next(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    certificate, key = (beside(file, "next") for file in _files(settings))
    if certificate.exists():
        raise HubFailure(why="file_exists", file=str(certificate))
    try:
        key.unlink(missing_ok=True)  # half of a pair, of one that was killed
        make_certificate(
            urlsplit(settings.http.address).hostname or "", SystemClock().now(), certificate, key
        )
    except OSError as failure:
        raise HubFailure(why="unwritable", file=str(certificate)) from failure
    voice.say(
        _("Written: {file}", file=str(certificate)),
        _("Benches that are on learn of it within an hour. Then: loopdesk hub certificate use"),
        _("Where the hub runs on several machines, copy both files to each of them before."),
    )
    return 0


def _show(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    used = _files(settings)[0]
    voice.say(_("In use until {day}: {fingerprint}", day=_day(used), fingerprint=_short(used)))
    following = beside(used, "next")
    if not following.exists():
        voice.say(_("There is no next certificate. Run: loopdesk hub certificate next"))
        return 0
    voice.say(_("Next, until {day}: {fingerprint}", day=_day(following), fingerprint=_short(following)))
    unaware = asyncio.run(_unaware(settings, used))
    voice.say(*(_("{bench} does not know it yet.", bench=name) for name in unaware))
    if not unaware:
        voice.say(_("Every bench knows it. Run: loopdesk hub certificate use"))
    return 0


def _use(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    certificate, key = _files(settings)
    following = beside(certificate, "next")
    if not following.exists():
        raise HubFailure(why="certificate_no_next")
    unaware = asyncio.run(_unaware(settings, certificate))
    if unaware and not arguments.anyway:
        raise HubFailure(why="certificate_unknown", benches=", ".join(unaware))
    try:
        put_in_place(certificate, key)
    except OSError as failure:
        raise HubFailure(why="certificate_unusable", file=str(following)) from failure
    voice.say(_("The next certificate is in its place. Hubs that run use it within seconds."))
    return 0


async def _unaware(settings: HubSettings, certificate: Path) -> tuple[str, ...]:
    """Return the benches that have not told of trusting both."""
    both = b"".join(_der(each) for each in (certificate, beside(certificate, "next")))
    async with working(settings) as works:
        return await works.benches.not_trusting(bytes.fromhex(trust_mark(both)))


def _der(file: Path) -> bytes:
    try:
        return der_of(file)
    except (OSError, ValueError) as failure:
        raise HubFailure(why="certificate_unusable", file=str(file)) from failure


def _day(file: Path) -> str:
    end: datetime = ends_at(file)
    return end.date().isoformat()


def _short(file: Path) -> str:
    return pinned_fingerprint(file).hex()[:16]
