"""Every setting of a station: one model, from which environment variables, the fields of the Settings view
and the page ``docs/settings.md`` are derived.

The model is made of plain dataclasses: settings are read before the window is painted, and a library that
checks them would take longer to load than all the rest of the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from loopdesk.domain.errors import ValueWrong
from loopdesk.domain.outbox import process_body
from loopdesk.system.settings import values
from loopdesk.system.settings.described import described as _setting
from loopdesk.system.settings.hub_use import HubUseSettings
from loopdesk.system.settings.values import Setting

if TYPE_CHECKING:
    from loopdesk.services.ports.station import Limits


HIDDEN = "•••••"
"""Shown in place of a secret that is set."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The connection to Loop."""

    url: str = _setting(
        "https://api.loopreturns.com/api",
        "Loop's address",
        "Loop's API without the version; https only.",
        clean=values.api_url,
    )
    version: str = _setting(
        "v1", "API version", "The version of Loop's API to speak.", options=values.API_VERSIONS
    )
    proxy: str = _setting(
        "",
        "Proxy",
        "The proxy to go through. The system's proxy variables are not looked at.",
        clean=values.proxy,
    )


@dataclass(frozen=True, slots=True)
class StationSettings:
    """Who works where."""

    name: str = _setting(
        "",
        "Station",
        "The name of this bench; part of every note.",
        env="STATION",
        longest=40,
        clean=values.one_line,
    )
    operator: str = _setting(
        "",
        "Operator",
        "The person at the bench; part of every decision.",
        env="OPERATOR",
        longest=40,
        clean=values.one_line,
        for_operator=True,
    )
    destination_id: str = _setting(
        "",
        "Destination",
        "This dock at Loop, chosen by name, in the file its id; a parcel for another one gives a warning.",
        env="DESTINATION_ID",
        clean=values.digits,
        for_operator=True,
    )
    stations: int = _setting(
        1,
        "Stations on this key",
        "How many stations share the API key; each takes its part of the request budget, and with two or "
        "more a return is claimed by a note before it is finished.",
        env="STATIONS",
        least=1,
        most=100,
    )


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How long an action may show no effect before a person is asked, and how often it is resent."""

    process: float = _setting(
        900.0, "Process", "Without effect for so long: ask.", unit="s", least=1, most=86400
    )
    remove: float = _setting(
        900.0, "Remove", "Without effect for so long: ask.", unit="s", least=1, most=86400
    )
    cancel: float = _setting(
        120.0, "Cancel a return", "Without effect for so long: ask.", unit="s", least=1, most=86400
    )
    close: float = _setting(
        120.0, "Close a return", "Without effect for so long: ask.", unit="s", least=1, most=86400
    )
    flag: float = _setting(
        60.0, "Flag", "Without effect for so long: send again.", unit="s", least=1, most=3600
    )
    note: float = _setting(
        30.0, "Note", "Without effect for so long: send again.", unit="s", least=1, most=3600
    )
    grade: float = _setting(
        5.0, "Grade", "Without effect for so long: send again.", unit="s", least=1, most=3600
    )
    assess: float = _setting(
        5.0, "Disposition", "Without effect for so long: send again.", unit="s", least=1, most=3600
    )
    witness: float = _setting(
        21_600.0,
        "Payment",
        "A return that Loop closed, and of which nothing shows that it was paid, for so long: ask.",
        unit="s",
        least=60,
        most=259_200,
    )
    flag_sends: int = _setting(3, "Flag, sends", "Sent by itself at most so often.", least=1, most=10)
    note_sends: int = _setting(2, "Note, sends", "Sent by itself at most so often.", least=1, most=10)
    value_sends: int = _setting(
        5,
        "Grade, sends",
        "Grades and dispositions are sent by themselves at most so often.",
        least=1,
        most=20,
    )

    def limits(self) -> Limits:
        """Return these in the services' form."""
        # Imported late: the services are loaded after the first paint.
        from loopdesk.domain.outbox.actions import Kind  # noqa: PLC0415
        from loopdesk.services.ports.station import Limits  # noqa: PLC0415

        values = asdict(self)
        return Limits(
            by_kind={kind: values[kind] for kind in Kind if kind in values},
            sends={kind: values[name] for kind in Kind if (name := f"{kind.spec.order}_sends") in values},
            witness=self.witness,
        )


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What is sent with a processing."""

    body: tuple[tuple[str, str], ...] = _setting(
        (),
        "Sent with a processing",
        "Texts by key that Loop copies to the orders that it makes and to a note, for example "
        '{ rmaid = "{return}", custom1 = "{station}" }. Filled in are {station}, {operator}, {settlement}, '
        "{return} and {order}. None by default.",
        kind="table",
        check_table=process_body.check,
    )


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """How many requests may be sent to Loop."""

    requests_per_minute: int = _setting(
        240,
        "Requests a minute",
        "For all stations on the key together. Loop allows 300.",
        env="REQUESTS_PER_MINUTE",
        least=10,
        most=300,
    )


@dataclass(frozen=True, slots=True)
class UpdateSettings:
    """Where the wanted version is published."""

    url: str = _setting(
        "",
        "Manifest",
        "A signed file that names the version IT wants; shown in Health, installed by IT. Empty for none.",
        clean=values.manifest_url,
    )
    public_key: str = _setting(
        "",
        "Signed with",
        "The Ed25519 key that the manifest must be signed with, in base64.",
        clean=values.ed25519,
    )


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Where photos come from, and where they are stored so that Loop, and anyone, can open them."""

    source: str = _setting(
        "file",
        "Photos come from",
        "file: a photo's file is chosen. camera: a USB camera takes it; its live picture is on screen, and "
        "stops after a minute without a photo.",
        options=("file", "camera"),
        for_operator=True,
    )
    camera: str = _setting(
        "",
        "Camera",
        "The name of the USB camera; empty for the first that is found.",
        longest=200,
        clean=values.one_line,
        for_operator=True,
    )
    camera_turned: str = _setting(
        "0",
        "Turn the camera's picture",
        "By so many degrees, clockwise: for a camera that hangs upside down or on its side.",
        options=("0", "90", "180", "270"),
        for_operator=True,
    )
    folder: str = _setting(
        "",
        "Folder of the camera",
        "Where a wired or network camera puts its photos: each new one goes to the line that was decided "
        "last. Nothing there is moved or deleted. Empty for none.",
        longest=1000,
        clean=values.one_line,
    )
    kind: str = _setting(
        "none",
        "Photos go to",
        "none: photos stay at this station. s3: a bucket of Amazon or any other that speaks S3. put: an "
        "address that takes files by HTTP PUT, such as WebDAV.",
        options=("none", "s3", "put"),
    )
    url: str = _setting(
        "",
        "Address of the place",
        "The bucket with its path, or the folder; https only. What allows storing there is kept in the key "
        "store, or given as LOOPDESK_EVIDENCE_SECRET.",
        longest=1000,
        clean=values.place_url,
    )
    public_url: str = _setting(
        "",
        "Public address",
        "Where anyone can open what is stored there, without signing in; https only. Empty for the same "
        "address.",
        longest=200,
        clean=values.place_url,
    )
    region: str = _setting(
        "us-east-1",
        "Region",
        "The bucket's region; signatures name it.",
        longest=40,
        clean=values.one_line,
    )
    wait_seconds: float = _setting(
        120.0,
        "Wait for photos",
        "So long a settlement waits for its photos; then its grades go without links, and once more with "
        "them when the photos are there.",
        unit="s",
        least=0,
        most=3600,
    )


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """What is heard."""

    on: bool = _setting(
        True, "Sounds", "A sound for each state of the signal band.", env="SOUND", for_operator=True
    )
    volume: int = _setting(80, "Volume", "How loud.", unit="%", least=0, most=100, for_operator=True)


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """The product pictures beside the lines."""

    hosts: tuple[str, ...] = _setting(
        ("cdn.shopify.com",),
        "Fetched from",
        "The hosts that product pictures may be fetched from, by https and without Loop's key. Empty for no "
        "pictures.",
        longest=20,
        clean=values.picture_host,
    )
    megabytes: int = _setting(
        300,
        "Room for pictures",
        "How much of the disk they may take; the oldest make room for new ones.",
        unit="MB",
        least=20,
        most=10_000,
    )


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """What the scanner types around a code, and how a scan is told from a person's typing."""

    prefix: str = _setting(
        "", "Prefix", "Characters the scanner puts before every code; taken off.", longest=8
    )
    suffix: str = _setting(
        "",
        "Suffix",
        "Characters the scanner puts after every code, besides Enter or Tab; taken off.",
        longest=8,
    )
    gap_ms: int = _setting(
        35,
        "Longest gap",
        "So long a scanner pauses between two characters at most, as far as is known; learned from scans.",
        unit="ms",
        least=10,
        most=200,
    )
    least_length: int = _setting(
        4, "Shortest code", "Bursts of fewer characters are not scans.", unit="characters", least=2, most=32
    )
    double_read_seconds: float = _setting(
        1.5,
        "Double read",
        "The same code again within this time is one read.",
        unit="s",
        least=0,
        most=10,
    )
    port: tuple[str, ...] = _setting(
        (),
        "Serial port",
        'Scanners that are set to USB-COM or Bluetooth serial: the name of the port, several, or "auto" for '
        "every USB scanner that is known as one.",
        longest=200,
        clean=values.one_line,
    )
    baud: int = _setting(
        9600,
        "Serial speed",
        "The speed of these ports; of no meaning to most USB scanners.",
        unit="baud",
        least=300,
        most=3_000_000,
    )
    order_prefixes: tuple[str, ...] = _setting(
        (),
        "Order prefixes",
        'What the shop puts before order numbers, for example "EU-".',
        longest=20,
        clean=values.one_line,
    )
    site_secret: str = _setting(
        "",
        "Site secret",
        "Sheets of command codes printed with it work at every station that has it. Empty: each station's "
        "sheets work at that station alone.",
        longest=128,
        clean=values.secret,
        secret=True,
    )


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    """The label printer of this station."""

    label: str = _setting(
        "",
        "Label printer",
        'How labels are printed: "network" for a ZPL printer at the address below, "pdf" for a file that is '
        "opened to be printed, or else the name of one of this computer's printers, which gets ZPL as it is. "
        "Empty for none.",
        longest=120,
        clean=values.one_line,
    )
    host: str = _setting(
        "",
        "Address",
        "The name or address of the network printer, with its port after a colon if it is not 9100.",
        longest=253,
        clean=values.printer_host,
    )
    auto: str = _setting(
        "off",
        "Print by itself",
        "When an item's label is printed without being asked for; unless never, a mystery parcel's is "
        "printed with its number.",
        options=("off", "decided", "settled"),
    )
    width_mm: int = _setting(57, "Label, width", "The width of a label.", unit="mm", least=20, most=110)
    height_mm: int = _setting(32, "Label, height", "The height of a label.", unit="mm", least=15, most=200)
    dpi: str = _setting("203", "Resolution", "The printer's dots per inch.", options=("203", "300", "600"))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one station. A setting that is not set anywhere has its default."""

    hold_seconds: float = _setting(
        8.0,
        "Undo window",
        "So long a settlement waits here before it goes to Loop; undo costs nothing meanwhile.",
        unit="s",
        least=0,
        most=60,
    )
    sync_seconds: int = _setting(
        60,
        "Sync every",
        "How often the store is brought up to date; 0 switches that off.",
        unit="s",
        least=0,
        most=3600,
        at_start=True,
    )
    theme: str = _setting(
        "system",
        "Theme",
        "The colors of the window; contrast is for bad light and tired eyes.",
        options=("system", "light", "dark", "contrast"),
        for_operator=True,
    )
    language: str = _setting(
        "system",
        "Language",
        "What the window is written in; system follows this computer's. Loop gets the shop's own words.",
        options=("system", "en", "de", "pseudo"),
        for_operator=True,
    )
    scale: int = _setting(
        100, "Size", "The size of everything in the window.", unit="%", least=100, most=200, for_operator=True
    )
    purge_days: int = _setting(
        30,
        "Keep for",
        "So long after its end a return and everything about its shopper stays on this machine.",
        unit="days",
        least=1,
        most=90,
    )
    log_level: str = _setting(
        "info",
        "Log",
        "How much is logged; debug falls back to info after an hour.",
        options=("debug", "info", "warning", "error"),
    )
    practice: bool = _setting(
        False,
        "Practice",
        "Start against the built-in simulator of Loop, which can never send anything.",
        at_start=True,
    )
    vocabulary: str = _setting(
        "",
        "Vocabulary",
        "A file with this station's grades and texts instead of the shipped one; a relative path starts at "
        "the settings file.",
        longest=1000,
        clean=values.one_line,
    )
    api: ApiSettings = ApiSettings()
    hub: HubUseSettings = HubUseSettings()  # noqa: RUF009 - frozen, as those of this file
    station: StationSettings = StationSettings()
    limits: LimitSettings = LimitSettings()
    process: ProcessSettings = ProcessSettings()
    budget: BudgetSettings = BudgetSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    updates: UpdateSettings = UpdateSettings()
    sound: SoundSettings = SoundSettings()
    pictures: PictureSettings = PictureSettings()
    scanner: ScannerSettings = ScannerSettings()
    printer: PrinterSettings = PrinterSettings()

    def shown(self) -> dict[str, Any]:
        """Return every value by table, as it may be shown: of a secret only whether it is set."""
        values = asdict(self)
        for known in SETTINGS:
            section, _, name = known.key.rpartition(".")
            table = values[section] if section else values
            if known.secret and table[name]:
                table[name] = HIDDEN
        return values

    def value(self, key: str) -> Any:
        """Return the value of a setting by its dotted key. Raises ``KeyError``."""
        section, _, name = key.rpartition(".")
        if key not in _BY_KEY:
            raise KeyError(key)
        return getattr(getattr(self, section) if section else self, name)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in one value.

    Attributes:
        place: The names of its table and of its key.
        wrong: What is wrong with it; None if there is no such setting.
    """

    place: tuple[str, ...]
    wrong: ValueWrong | None = None

    @property
    def key(self) -> str:
        """The dotted key."""
        return ".".join(self.place)


def made(tree: Mapping[str, Any]) -> tuple[Settings, tuple[Mistake, ...]]:
    """Make settings from nested tables.

    Returns:
        The settings, with the default in place of every wrong value, and all mistakes in the order of the
            given tables.
    """
    mistakes: list[Mistake] = []
    flat: dict[str, dict[str, Any]] = {"": {}}
    for name, value in tree.items():
        if name not in SECTIONS:
            _check((name,), value, flat[""], mistakes)
        elif not isinstance(value, Mapping):
            mistakes.append(Mistake((name,), ValueWrong("must_be_section", name=name)))
        else:
            inside = flat.setdefault(name, {})
            for inner, below in value.items():
                _check((name, inner), below, inside, mistakes)
    sections = {name: _SECTIONS[name](**values) for name, values in flat.items() if name}
    return Settings(**flat[""], **sections), tuple(mistakes)


def _check(place: tuple[str, ...], value: Any, good: dict[str, Any], mistakes: list[Mistake]) -> None:
    known = _BY_KEY.get(".".join(place))
    if known is None:
        mistakes.append(Mistake(place))
        return
    try:
        good[place[-1]] = known.checked(value)
    except ValueWrong as wrong:
        mistakes.append(Mistake(place, wrong))


def _table(model: type, section: str = "") -> Iterator[Setting]:
    for one in fields(model):
        if is_dataclass(one.default):
            yield from _table(type(one.default), f"{one.name}.")
        else:
            yield _describe(f"{section}{one.name}", one.default, dict(one.metadata))


def _describe(key: str, default: Any, known: dict[str, Any]) -> Setting:
    env = known.pop("env", "") or key.replace(".", "_").upper()
    kind = known.pop("kind", "") or ("choice" if "options" in known else _KINDS[type(default)])
    return Setting(key=key, env=f"LOOPDESK_{env}", kind=kind, default=default, **known)


_KINDS = {bool: "switch", int: "whole", float: "number", str: "text", tuple: "list"}

SETTINGS: tuple[Setting, ...] = tuple(_table(Settings))
"""Every setting, in the order of the file."""

_BY_KEY = {known.key: known for known in SETTINGS}
_SECTIONS: dict[str, type] = {x.name: type(x.default) for x in fields(Settings) if is_dataclass(x.default)}

SECTIONS: frozenset[str] = frozenset(_SECTIONS)
"""The tables of the file."""


def setting(key: str) -> Setting:
    """Return the description of a setting. Raises ``KeyError``."""
    return _BY_KEY[key]


KEY_VARIABLE = "LOOPDESK_API_KEY"
EVIDENCE_VARIABLE = "LOOPDESK_EVIDENCE_SECRET"
KNOWN_KEYS = frozenset(x.key for x in SETTINGS)
