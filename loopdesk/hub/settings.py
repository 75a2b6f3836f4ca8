"""The hub's settings file, ``/etc/loopdesk/hub.toml``: its table, and where a mistake in it stands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.settings import toml

DEFAULT_FILE = Path("/etc/loopdesk/hub.toml")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_File = Annotated[Path, Field(strict=False)]


class DatabaseSettings(_Table):
    """``[database]``.

    Attributes:
        url: Where PostgreSQL is. A password belongs into ``~/.pgpass`` or ``PGPASSFILE``, not into this file.
        connections: In the pool of each process; two more are its own.
    """

    url: str
    connections: Annotated[int, Field(ge=2, le=100)] = 10


class HttpSettings(_Table):
    """``[http]``.

    Attributes:
        host, port: Where it listens.
        address: How benches reach it; written into join codes.
        certificate, certificate_key: PEM files; without them TLS is a reverse proxy's.
        it_token_sha256: Of the token that opens ``/metrics``, in hex.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8443
    address: str = ""
    certificate: _File | None = None
    certificate_key: _File | None = None
    it_token_sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""


class KeySettings(_Table):
    """``[keys]``.

    Attributes:
        file: Where the key lies that encrypts Loop's keys in the database, unless the environment has it.
    """

    file: _File = Path("/etc/loopdesk/hub.key")


class LoopSettings(_Table):
    """``[loop]``.

    Attributes:
        url: Where Loop is.
    """

    url: str = "https://api.loopreturns.com"


class IndexSettings(_Table):
    """``[index]``.

    Attributes:
        seconds: How often a shop's changes are read from Loop, by one process; 0 for never.
    """

    seconds: Annotated[float, Field(ge=0, le=3600, strict=False)] = 60.0


class AuditSettings(_Table):
    """``[audit]``.

    Attributes:
        days: How long the rows of benches' audit logs are kept; they name people and shoppers' parcels.
    """

    days: Annotated[int, Field(ge=1, le=3650)] = 90


class LedgerSettings(_Table):
    """``[ledger]``.

    Attributes:
        answers_days: For how long an answer of Loop is told again in its own words.
        days: For how long an action is known at all; many times as long.
        restored_minutes: For how long nothing leaves that finishes a return, once an older copy was restored
            or a standby took over; 0 where a standby loses nothing.
    """

    answers_days: Annotated[int, Field(ge=7, le=3650)] = 30
    days: Annotated[int, Field(ge=120, le=3650)] = 400
    restored_minutes: Annotated[int, Field(ge=0, le=1440)] = 15


class HubSettings(_Table):
    """The whole file."""

    database: DatabaseSettings
    http: HttpSettings = HttpSettings()
    keys: KeySettings = KeySettings()
    loop: LoopSettings = LoopSettings()
    index: IndexSettings = IndexSettings()
    audit: AuditSettings = AuditSettings()
    ledger: LedgerSettings = LedgerSettings()


def read_settings(file: Path) -> HubSettings:
    """Read the file.

    Raises:
        SettingsWrong: It cannot be read, is no TOML, or has a wrong value; with the place.
    """
    text = toml.read_text(file)
    return checked(toml.parse(text, file), file, text)


def checked(found: Mapping[str, object], file: Path, text: str = "") -> HubSettings:
    """Check what a file holds.

    Raises:
        SettingsWrong: The first mistake.
    """
    try:
        return HubSettings.model_validate(found)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        path = tuple(first["loc"])
        key, line = ".".join(map(str, path)), toml.line_of(text, path)
        raise SettingsWrong("hub_setting", file=str(file), key=key, line=line, error=first["msg"]) from None
