"""``loopdesk hub init``: writes the settings file, migrates the database, names the site."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import secrets

import tomlkit

from loopdesk.domain.errors import SettingsWrong
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.migrate import migrate
from loopdesk.hub.database.sql import rows
from loopdesk.hub.settings import HubSettings, checked, read_settings
from loopdesk.i18n.catalogue import _


def add(commands: Commands) -> None:
    """Add its parser."""
    parser = commands.add_parser("init", help="write the settings, migrate the database")
    parser.add_argument("--database", metavar="URL", default="", help="postgresql://user@host/database")
    parser.add_argument("--site", metavar="NAME", default="", help="what this warehouse is called")
    parser.add_argument("--address", metavar="URL", default="", help="how benches reach the hub")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, voice: Voice) -> int:
    """Write what is missing of the settings file, and bring the database up to date. May be run again.

    Raises:
        SettingsWrong: The file is there and wrong, or cannot be written.
        DatabaseUnusable: PostgreSQL cannot be reached, or the database is none for this version.
    """
    if arguments.settings.exists():
        settings = read_settings(arguments.settings)
    else:
        settings = _written(arguments, voice)
    ran = asyncio.run(_prepare(settings, arguments.site or _("Warehouse")))
    voice.say(_("The database is ready; migrations run: {n}.", n=ran))
    return 0


def _written(arguments: argparse.Namespace, voice: Voice) -> HubSettings:
    token = secrets.token_urlsafe(32)
    found = {
        "database": {"url": arguments.database},
        "http": {
            "address": arguments.address,
            "it_token_sha256": hashlib.sha256(token.encode()).hexdigest(),
        },
    }
    settings = checked(found, arguments.settings)
    try:
        arguments.settings.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(arguments.settings, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(found))
    except OSError as error:
        raise SettingsWrong("unwritable", file=str(arguments.settings), error=error.strerror or "") from error
    voice.say(
        _("Written: {file}", file=str(arguments.settings)),
        _("The token for /metrics, shown this once: {token}", token=token),
    )
    return settings


async def _prepare(settings: HubSettings, site: str) -> int:
    connection = await connect(settings.database.url)
    try:
        ran = await migrate(connection)
        await rows(connection, "site.make", name=site)
    finally:
        await connection.close()
    return ran
