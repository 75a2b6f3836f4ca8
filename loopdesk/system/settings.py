"""Every setting of a station: one model, from which the names in the environment, the fields of the
Settings view and the page ``docs/settings.md`` are derived.
"""

from __future__ import annotations

import ipaddress
import types
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from annotated_types import Ge, Le
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict
from pydantic.fields import FieldInfo

from loopdesk.services.ports import Limits

_MODEL = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


def is_safe_api_url(url: str) -> bool:
    """Whether a key may be sent to this address: https, or plain http to this very machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host) and parts.username is None
    return parts.scheme == "http" and parts.username is None and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _api_url(url: str) -> str:
    parts = urlsplit(url)
    if not is_safe_api_url(url):
        raise ValueError("must begin with https:// (http:// is allowed to this machine only)")
    if parts.query or parts.fragment:
        raise ValueError("must end with the path; no ? or #")
    return url.rstrip("/")


def _proxy(url: str) -> str:
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise ValueError('must be like "http://proxy.example:3128", or empty for none')
    return url


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of plain text")
    return text.strip()


def _digits(text: str) -> str:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValueError("must be digits only, as Loop shows the destination's id")
    return text


_Line = Annotated[str, AfterValidator(_one_line)]


def _setting(default: Any, label: str, about: str, *, env: str = "", unit: str = "", **bounds: Any) -> Any:
    """Describe one setting: its default, what it is called, what it does, and its name in the environment."""
    extra: dict[str, Any] = {"env": env, "unit": unit}
    return Field(default, title=label, description=about, json_schema_extra=extra, **bounds)


class ApiSettings(BaseModel):
    """Where Loop is."""

    model_config = _MODEL

    url: Annotated[str, AfterValidator(_api_url)] = _setting(
        "https://api.loopreturns.com/api", "Loop's address", "Loop's API without the version; https only."
    )
    version: Literal["v1", "2026-07", "2026-10"] = _setting(
        "v1", "API version", "The version of Loop's API to speak."
    )
    proxy: Annotated[str, AfterValidator(_proxy)] = _setting(
        "", "Proxy", "The proxy to go through. The system's proxy variables are not looked at."
    )


class StationSettings(BaseModel):
    """Who works where."""

    model_config = _MODEL

    name: _Line = _setting(
        "", "Station", "The name of this bench; part of every note.", env="STATION", max_length=40
    )
    operator: _Line = _setting(
        "", "Operator", "The person at the bench; part of every decision.", env="OPERATOR", max_length=40
    )
    destination_id: Annotated[str, AfterValidator(_digits)] = _setting(
        "",
        "Destination",
        "The id of this dock's destination in Loop; a parcel for another one gives a warning.",
        env="DESTINATION_ID",
    )
    stations: int = _setting(
        1,
        "Stations on this key",
        "How many stations share the API key; each takes its part of the request budget.",
        env="STATIONS",
        ge=1,
        le=100,
    )


class LimitSettings(BaseModel):
    """How long an action may show no effect before a person is asked, and how often it is sent again."""

    model_config = _MODEL

    process: float = _setting(900.0, "Process", "Without effect for so long: ask.", unit="s", ge=1, le=86400)
    remove: float = _setting(900.0, "Remove", "Without effect for so long: ask.", unit="s", ge=1, le=86400)
    cancel: float = _setting(120.0, "Cancel", "Without effect for so long: ask.", unit="s", ge=1, le=86400)
    close: float = _setting(120.0, "Close", "Without effect for so long: ask.", unit="s", ge=1, le=86400)
    flag: float = _setting(60.0, "Flag", "Without effect for so long: send again.", unit="s", ge=1, le=3600)
    note: float = _setting(30.0, "Note", "Without effect for so long: send again.", unit="s", ge=1, le=3600)
    grade: float = _setting(5.0, "Grade", "Without effect for so long: send again.", unit="s", ge=1, le=3600)
    assess: float = _setting(
        5.0, "Disposition", "Without effect for so long: send again.", unit="s", ge=1, le=3600
    )
    flag_sends: int = _setting(3, "Flag, sends", "Sent by itself at most so often.", ge=1, le=10)
    note_sends: int = _setting(2, "Note, sends", "Sent by itself at most so often.", ge=1, le=10)
    value_sends: int = _setting(
        5, "Grade, sends", "Grades and dispositions are sent by themselves at most so often.", ge=1, le=20
    )

    def limits(self) -> Limits:
        """Return these as the services know them."""
        return Limits(**self.model_dump())


class BudgetSettings(BaseModel):
    """How much may be asked of Loop."""

    model_config = _MODEL

    requests_per_minute: int = _setting(
        240,
        "Requests a minute",
        "For all stations on the key together. Loop allows 300.",
        env="REQUESTS_PER_MINUTE",
        ge=10,
        le=300,
    )


class SoundSettings(BaseModel):
    """What is heard."""

    model_config = _MODEL

    on: bool = _setting(True, "Sounds", "A sound for each state of the signal band.", env="SOUND")
    volume: int = _setting(80, "Volume", "How loud.", unit="%", ge=0, le=100)


class ScannerSettings(BaseModel):
    """What the scanner types around a code, and how a scan is told from a person's typing."""

    model_config = _MODEL

    prefix: Annotated[str, Field(max_length=8)] = _setting(
        "", "Prefix", "Characters the scanner puts before every code; taken off."
    )
    suffix: Annotated[str, Field(max_length=8)] = _setting(
        "", "Suffix", "Characters the scanner puts after every code, besides Enter or Tab; taken off."
    )
    gap_ms: int = _setting(
        35,
        "Longest gap",
        "Keys further apart than this were typed by a person.",
        unit="ms",
        ge=10,
        le=200,
    )
    least_length: int = _setting(
        4, "Shortest code", "Bursts of fewer characters are not scans.", unit="characters", ge=2, le=32
    )
    double_read_seconds: float = _setting(
        1.5, "Double read", "The same code again within this time is one read.", unit="s", ge=0, le=10
    )
    order_prefixes: Annotated[tuple[_Line, ...], Strict(False), Field(max_length=20)] = _setting(
        (), "Order prefixes", 'What the shop puts before order numbers, for example "EU-".'
    )


class Settings(BaseModel):
    """The settings of one station. A setting that is not written anywhere has its default."""

    model_config = _MODEL

    hold_seconds: float = _setting(
        8.0,
        "Undo window",
        "So long a settlement waits here before it goes to Loop; undo costs nothing meanwhile.",
        unit="s",
        ge=0,
        le=60,
    )
    sync_seconds: int = _setting(
        60,
        "Sync every",
        "How often the store is brought up to date; 0 switches that off.",
        unit="s",
        ge=0,
        le=3600,
    )
    theme: Literal["system", "light", "dark", "contrast"] = _setting(
        "system", "Theme", "The colors of the window; contrast is for bad light and tired eyes."
    )
    scale: int = _setting(100, "Size", "The size of everything in the window.", unit="%", ge=100, le=200)
    purge_days: int = _setting(
        30,
        "Keep for",
        "So long after its end a return and everything about its shopper stays on this machine.",
        unit="days",
        ge=1,
        le=90,
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "Log", "How much is logged; debug falls back to info after an hour."
    )
    practice: bool = _setting(
        False, "Practice", "Start against the built-in imitation of Loop, which can never send anything."
    )
    vocabulary: str = _setting(
        "",
        "Vocabulary",
        "A file with this station's grades and texts instead of the shipped one; a relative path starts at "
        "the settings file.",
    )
    api: ApiSettings = ApiSettings()
    station: StationSettings = StationSettings()
    limits: LimitSettings = LimitSettings()
    budget: BudgetSettings = BudgetSettings()
    sound: SoundSettings = SoundSettings()
    scanner: ScannerSettings = ScannerSettings()

    def value(self, key: str) -> Any:
        """Return the value of a setting by its dotted key. Raises ``KeyError``."""
        section, _, name = key.rpartition(".")
        if all(known.key != key for known in SETTINGS):
            raise KeyError(key)
        return getattr(getattr(self, section) if section else self, name)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one setting without its value.

    Attributes:
        key: As it stands in the file, with its table: ``scanner.gap_ms``.
        env: Its name in the environment.
        kind: ``text``, ``number`` (fractions allowed), ``whole``, ``switch``, ``choice`` or ``list``.
        options: For ``choice``, the words allowed.
        least / most: For numbers, the bounds; None where there is none.
    """

    key: str
    env: str
    label: str
    about: str
    kind: str
    default: Any
    options: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    unit: str = ""


def _table(model: type[BaseModel], section: str = "") -> Iterator[Setting]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _table(info.annotation, f"{name}.")
        else:
            yield _describe(f"{section}{name}", info)


def _describe(key: str, info: FieldInfo) -> Setting:
    extra = info.json_schema_extra
    known: dict[str, Any] = extra if isinstance(extra, dict) else {}
    env = known["env"] or key.replace(".", "_").upper()
    return Setting(
        key=key,
        env=f"LOOPDESK_{env}",
        label=info.title or "",
        about=info.description or "",
        kind=_kind(info.annotation),
        default=info.default,
        options=get_args(info.annotation) if get_origin(info.annotation) is Literal else (),
        least=next((float(str(x.ge)) for x in info.metadata if isinstance(x, Ge)), None),
        most=next((float(str(x.le)) for x in info.metadata if isinstance(x, Le)), None),
        unit=known["unit"],
    )


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) is tuple or isinstance(annotation, types.GenericAlias):
        return "list"
    return {bool: "switch", int: "whole", float: "number", str: "text"}[annotation]


SETTINGS: tuple[Setting, ...] = tuple(_table(Settings))
"""Every setting, in the order of the file."""

SECTIONS: frozenset[str] = frozenset(
    name
    for name, info in Settings.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
)
"""The tables of the file."""

LIMIT_NAMES: frozenset[str] = frozenset(x.name for x in fields(Limits)) - {"polls"}
"""What of the services' limits can be set; the rhythm of the polls cannot."""


def setting(key: str) -> Setting:
    """Return what is known of a setting. Raises ``KeyError``."""
    found = next((x for x in SETTINGS if x.key == key), None)
    if found is None:
        raise KeyError(key)
    return found
