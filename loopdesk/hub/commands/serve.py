"""``loopdesk hub serve``: one process of the hub, until SIGTERM or Ctrl+C."""

from __future__ import annotations

import argparse
import asyncio
import resource
import signal

from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.compose import Hub
from loopdesk.hub.logs import log_to_standard_error
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.i18n.catalogue import _


def add(commands: Commands) -> None:
    """Add its parser."""
    parser = commands.add_parser("serve", help="serve the benches until stopped")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, voice: Voice) -> int:
    """Serve.

    Raises:
        SettingsWrong: In the settings file.
        DatabaseUnusable: PostgreSQL cannot be reached, or the database is none for this version.
    """
    settings = read_settings(arguments.settings)
    log_to_standard_error()
    _allow_many_connections()
    try:
        asyncio.run(_serve(settings, voice))
    except OSError as failure:
        voice.complain(_("The address cannot be used ({error}).", error=failure.strerror or ""))
        return 1
    return 0


def _allow_many_connections() -> None:
    """Open as many files as the system lets this process: by default it may have 1,024, which are the
    streams of 250 benches and nothing else.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(settings: HubSettings, voice: Voice) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with Hub(settings) as hub:
        voice.say(hub.url)
        await ended.wait()
