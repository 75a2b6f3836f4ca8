"""How every connection of a hub is set up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from loopdesk.hub.database.sql import Connection
from loopdesk.hub.failures import DatabaseUnusable

LEAST_SERVER = 15_00_00
"""PostgreSQL 15, as libpq counts."""

_SETTINGS = {
    "synchronous_commit": "on",  # what is not on disk was not reserved: a lost row is a second send
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "client_min_messages": "warning",
    # The server notices within half a minute that this machine vanished, and frees its locks.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""The same the other way round."""

CONNECT_SECONDS = 10

_PORT: Final = re.compile("[0-9]{0,5}", re.ASCII)


def parameters(url: str) -> dict[str, Any]:
    """Return what the driver connects with.

    Args:
        url: ``postgresql://user@host/database`` or libpq's ``key=value`` form.

    Raises:
        DatabaseUnusable: It is neither.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise DatabaseUnusable(why="address") from None  # what it says quotes the address
    if not _is_whole(given):
        raise DatabaseUnusable(why="address")
    options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    return {
        "application_name": "loopdesk hub",
        "connect_timeout": CONNECT_SECONDS,
        **_KEEPALIVES,
        **given,
        "options": f"{given.get('options') or ''} {options}".strip(),
    }


def _is_whole(given: Mapping[str, Any]) -> bool:
    """Whether an address was taken apart where it was meant. A "@", "/" or ":" of a password that is not
    percent-encoded ends up in the host or the port, which the driver quotes when it cannot connect.
    """
    hosts, ports = (str(given.get(name) or "").split(",") for name in ("host", "port"))
    return not any("@" in host[1:] for host in hosts) and all(_PORT.fullmatch(port) for port in ports)


async def connect(url: str) -> Connection:
    """Open one connection of its own, outside the pool; each statement is its own transaction.

    Raises:
        DatabaseUnusable: The server cannot be reached, or does not let us in.
    """
    try:
        return await psycopg.AsyncConnection.connect(**parameters(url), autocommit=True, row_factory=dict_row)
    except psycopg.OperationalError as failure:
        raise DatabaseUnusable(reason(failure), why="unreachable") from failure


def cause(failure: psycopg.Error | DatabaseUnusable) -> str:
    """Return a word for the log: PostgreSQL's code of an error, or the error's kind, never what it says."""
    if isinstance(failure, DatabaseUnusable):
        return failure.why
    return failure.sqlstate or type(failure).__name__


def reason(failure: psycopg.Error) -> str:
    """Return the first line of what the driver says, for whoever typed a command: no log.

    It never holds the password; of a failed statement it may hold values.
    """
    lines = str(failure).strip().splitlines()
    return lines[0].rpartition("FATAL: ")[2].strip() if lines else type(failure).__name__
