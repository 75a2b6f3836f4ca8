"""``loopdesk hub backup`` and ``restore``: with PostgreSQL's own programs, from the path."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loopdesk.hub.commands.files import whole_file
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.migrate import migrate
from loopdesk.hub.database.sql import EMPTYING, rows
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.i18n.catalogue import _

_OURS: Final = ("TABLE public site", "TABLE public migration")
"""What the list of a copy of ours names."""

_MOST_TOLD: Final = 400


def add(commands: Commands) -> None:
    """Add both parsers."""
    backup = commands.add_parser("backup", help="copy the database into a file, while the hub runs")
    backup.add_argument("file", metavar="FILE", type=Path, help="may not exist")
    backup.set_defaults(run=_back_up)
    restore = commands.add_parser("restore", help="replace the database by a copy; stop every hub first")
    restore.add_argument("file", metavar="FILE", type=Path, help="what backup wrote")
    restore.set_defaults(run=_restore)


def _back_up(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    file: Path = arguments.file
    with whole_file(file) as partial:
        address = f"--dbname={_without_password(settings)[0]}"
        _run(settings, "pg_dump", "--format=custom", "--no-owner", f"--file={partial}", address)
        _check_ours(settings, partial)
    voice.say(
        _("Written: {file}", file=str(file)),
        _("It does not hold the encryption key: keep {key} apart from it.", key=str(settings.keys.file)),
    )
    return 0


def _restore(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    _check_ours(settings, arguments.file)
    asyncio.run(_check_alone(settings))
    with TemporaryDirectory(prefix="loopdesk-restore-") as folder:
        script = Path(folder) / "copy.sql"
        _run(settings, "pg_restore", "--no-owner", f"--file={script}", str(arguments.file))
        address = f"--dbname={_without_password(settings)[0]}"
        whole = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _run(settings, "psql", *whole, address, f"--file={EMPTYING}", f"--file={script}")
    asyncio.run(_begin_again(settings))
    voice.say(
        _("The database is the copy's now. Benches notice it, and ask Loop before they send anything again.")
    )
    return 0


async def _check_alone(settings: HubSettings) -> None:
    """Check that no hub works on the database."""
    connection = await connect(settings.database.url)
    try:
        [found] = await rows(connection, "examination.processes")
    finally:
        await connection.close()
    if found["n"]:
        raise HubFailure(why="hub_runs", n=found["n"])


async def _begin_again(settings: HubSettings) -> None:
    """Bring an older copy up to date, and let nothing in it count as known: it may have been sent since."""
    connection = await connect(settings.database.url)
    try:
        await migrate(connection)
        await rows(connection, "examination.restored")
    finally:
        await connection.close()


def _check_ours(settings: HubSettings, file: Path) -> None:
    listed = _run(settings, "pg_restore", "--list", str(file))
    if not all(each in listed for each in _OURS):
        raise HubFailure(why="not_ours", file=str(file))


def _run(settings: HubSettings, program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs; a password goes by the environment, which others cannot see.

    Raises:
        HubFailure: ``program_missing``, or ``program_failed`` with what it said.
    """
    found = shutil.which(program)
    if found is None:
        raise HubFailure(why="program_missing", program=program)
    password = _without_password(settings)[1]
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    ended = subprocess.run(  # noqa: S603 - PostgreSQL's program, by its path
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise HubFailure(ended.stderr.strip()[-_MOST_TOLD:], why="program_failed", program=program)
    return ended.stdout


def _without_password(settings: HubSettings) -> tuple[str, str]:
    """Return the database's address, and the password that it held."""
    parts = conninfo_to_dict(settings.database.url)
    password = str(parts.pop("password", "") or "")
    return make_conninfo("", **parts), password
