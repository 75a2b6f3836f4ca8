"""``loopdesk hub init``: writes the settings file, the encryption key and a certificate, and migrates the
database. May be run again: what is there stays.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomlkit

from loopdesk.domain.errors import SettingsWrong
from loopdesk.hub.benches.certificate import make_certificate
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.migrate import check_direct, migrate
from loopdesk.hub.database.sql import rows
from loopdesk.hub.settings import HubSettings, checked, read_settings
from loopdesk.hub.shops.sealing import VARIABLE, new_key_text
from loopdesk.i18n.catalogue import _
from loopdesk.system.host.clock import SystemClock


def add(commands: Commands) -> None:
    """Add its parser."""
    parser = commands.add_parser("init", help="write what the hub needs, and migrate its database")
    parser.add_argument("--database", metavar="URL", default="", help="postgresql://user@host/database")
    parser.add_argument("--site", metavar="NAME", default="", help="what this warehouse is called")
    parser.add_argument(
        "--address", metavar="URL", default="", help="how benches reach the hub: https://hub.example:8443"
    )
    parser.add_argument(
        "--no-certificate",
        action="store_true",
        help="make none: a reverse proxy has it, or the settings will name files",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, voice: Voice) -> int:
    """Write what is missing, and bring the database up to date.

    Raises:
        SettingsWrong: The settings are there and wrong, or something cannot be written.
        DatabaseUnusable: PostgreSQL cannot be reached, or the database is none for this version.
    """
    if arguments.settings.exists():
        settings = read_settings(arguments.settings)
    else:
        settings = _written(arguments, voice)
    _write_key(settings, voice)
    ran = asyncio.run(_prepare(settings, arguments.site or _("Warehouse")))
    voice.say(_("The database is ready; migrations run: {n}.", n=ran))
    return 0


def _written(arguments: argparse.Namespace, voice: Voice) -> HubSettings:
    """Write the settings for what was asked for, after the files that they name."""
    file: Path = arguments.settings
    url = arguments.database or input(_("The database's URL: "))
    address = arguments.address or input(_("How benches reach the hub, such as https://hub.example:8443: "))
    token = secrets.token_urlsafe(32)
    parts = urlsplit(address.rstrip("/"))
    http: dict[str, Any] = {
        "host": "127.0.0.1" if arguments.no_certificate else "0.0.0.0",  # noqa: S104 - benches are elsewhere
        "address": address.rstrip("/"),
        "it_token_sha256": hashlib.sha256(token.encode()).hexdigest(),
    }
    if parts.port is not None and not arguments.no_certificate:
        http["port"] = parts.port
    wants_own = parts.scheme == "https" and not arguments.no_certificate
    if wants_own:
        http |= {
            "certificate": str(file.with_name("hub.crt")),
            "certificate_key": str(file.with_name("hub.pem")),
        }
    found = {
        "database": {"url": url},
        "http": http,
        "keys": {"file": str(file.with_name("hub.key"))},
    }
    settings = checked(found, file)
    if wants_own:
        _write_certificate(settings, parts.hostname or "", voice)
    _write(file, tomlkit.dumps(found), 0o640)
    voice.say(
        _("Written: {file}", file=str(file)),
        _("The token for /metrics, shown this once: {token}", token=token),
    )
    return settings


def _write_certificate(settings: HubSettings, host: str, voice: Voice) -> None:
    certificate, key = settings.http.certificate, settings.http.certificate_key
    assert certificate is not None
    assert key is not None
    if certificate.exists():
        return
    try:
        make_certificate(host, SystemClock().now(), certificate, key)
    except OSError as error:
        raise SettingsWrong("unwritable", file=str(certificate), error=error.strerror or "") from error
    voice.say(_("Written: {file}", file=str(certificate)))


def _write_key(settings: HubSettings, voice: Voice) -> None:
    if settings.keys.file.exists() or os.environ.get(VARIABLE):
        return
    _write(settings.keys.file, new_key_text() + "\n", 0o600)
    voice.say(
        _("Written: {file}", file=str(settings.keys.file)),
        _("Keep a copy of it apart from the database's back-ups."),
    )


def _write(file: Path, text: str, mode: int) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        with os.fdopen(opened, "w", encoding="utf-8") as written:
            written.write(text)
    except OSError as error:
        raise SettingsWrong("unwritable", file=str(file), error=error.strerror or "") from error


async def _prepare(settings: HubSettings, site: str) -> int:
    connection = await connect(settings.database.url)
    try:
        await check_direct(connection)
        ran = await migrate(connection)
        await rows(connection, "site.make", name=site)
    finally:
        await connection.close()
    return ran
