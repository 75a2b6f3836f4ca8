"""The doctor: each check says what was found and, if something is wrong, what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loopdesk.domain.errors import LoopdeskError, SecretsUnavailable, Throttled
from loopdesk.domain.release import Version, Wanted
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.scanner.serial_ports import (
    GunState,
    PortInfo,
    PortTrouble,
    is_scanner,
    ports_to_open,
    short_name,
)
from loopdesk.domain.sync import SKEW_WARNED_SECONDS
from loopdesk.services.ports.station import SerialPorts
from loopdesk.system.host.paths import Profile
from loopdesk.system.host.process import ask_in_thread
from loopdesk.system.host.scanners import group_of
from loopdesk.system.host.sounds import NoSoundDevice, find_device
from loopdesk.system.settings.file import Loaded
from loopdesk.system.settings.model import ScannerSettings, Settings
from loopdesk.system.settings.vocabulary import grades_without_category

NAME = "serial scanners"

_FOUND = {
    GunState.READING: "is read",
    GunState.AWAY: "is not there",
    GunState.HELD: "is held by another program",
    GunState.DENIED: "may not be opened by this user",
    GunState.BROKEN: "cannot be opened",
}
_ADVICE = {
    GunState.READING: "",
    GunState.AWAY: "Plug the scanner in or switch it on; loopdesk takes it by itself.",
    GunState.HELD: "Close the other program, or the loopdesk that has this scanner open.",
    GunState.BROKEN: "Look whether scanner.port names a serial port and the scanner is set to USB-COM.",
}


async def check_guns(
    scanner: ScannerSettings,
    ports: SerialPorts,
    states: Mapping[str, GunState] | None = None,
    *,
    group: Callable[[str], str] = group_of,
) -> Check:
    """Report which scanners are at serial ports, and what to do about one that is not read.

    Args:
        states: The state of each, if a window holds them; None tries each and releases it immediately.
        group: Returns the group that may open a port.
    """
    found = await ports.find()
    if not scanner.port:
        return Check(NAME, Status.OK, _unused(found))
    if states is None:
        names = ports_to_open(scanner.port, found)
        states = {name: await _try(ports, name, scanner.baud) for name in names}
    if not states:
        advice = (
            "Set the scanner to USB-COM, or name its port in scanner.port: auto takes known scanners alone."
        )
        return Check(NAME, Status.WARNING, "no scanner with a serial port was found", advice)
    said = "; ".join(f"{short_name(name)} {_FOUND[state]}" for name, state in states.items())
    to_do = dict.fromkeys(_advice(name, state, group) for name, state in states.items())
    is_well = all(state is GunState.READING for state in states.values())
    return Check(NAME, Status.OK if is_well else Status.WARNING, said, " ".join(filter(None, to_do)))


def _unused(found: Sequence[PortInfo]) -> str:
    guns = ", ".join(short_name(port.name) for port in found if is_scanner(port))
    return f"not used: {guns}; scanner.port = auto reads them" if guns else "none set, none found"


async def _try(ports: SerialPorts, name: str, baud: int) -> GunState:
    try:
        port = await ports.open(name, baud, lambda _: None, lambda: None)
    except PortTrouble as trouble:
        return trouble.state
    await port.close()
    return GunState.READING


def _advice(name: str, state: GunState, group: Callable[[str], str]) -> str:
    if state is not GunState.DENIED:
        return _ADVICE[state]
    owner = group(name)
    if not owner:
        return "IT: let this user open the port."
    return f"IT: put this user into the group {owner} (sudo usermod -aG {owner} USER), then sign in again."


DISK_WARNING_BYTES = 2_000_000_000
DISK_FAILED_BYTES = 200_000_000
SKEW_FAILED_SECONDS = 300.0
SOUND_SECONDS = 5.0


class Status(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        found: What was found, in a few words.
        advice: What to do; "" if there is nothing to do.
        failure: What failed, if that says what was found and what to do.
    """

    name: str
    status: Status
    found: str
    advice: str = ""
    failure: LoopdeskError | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything the checks look at. A None is reported as not checked.

    Attributes:
        loaded: The settings in force.
        load_vocabulary: Reads the vocabulary again; raises ``SettingsWrong``.
        probe: Sends Loop the cheapest request that needs the key.
        clock_offset: Seconds that Loop's clock is ahead, None until Loop has answered; called after
            ``probe``.
        verify_store: Returns what is wrong with the store in words, "" if it is intact.
        count_fonts: How many fonts the window can use; without a window the files are counted.
        sound_device: Names the sound device, or raises ``NoSoundDevice``; may block.
    """

    profile: Profile
    loaded: Loaded
    load_vocabulary: Callable[[], Vocabulary]
    read_key: Callable[[], Awaitable[str | None]]
    probe: Callable[[], Awaitable[None]] | None
    clock_offset: Callable[[], float | None]
    verify_store: Callable[[], Awaitable[str]] | None
    count_fonts: Callable[[], int] | None = None
    sound_device: Callable[[], str] = find_device


async def examine(patient: Patient) -> tuple[Check, ...]:
    """Run every check. None of them changes anything, and a failing one does not stop the others."""
    settings = patient.loaded.settings
    key = await check_key(patient.read_key)
    return (
        check_settings(patient.loaded),
        check_vocabulary(patient.load_vocabulary, settings.api.version),
        key,
        await check_reachability(patient.probe, has_key=key.status is not Status.FAILED),
        check_clock(patient.clock_offset()),
        await check_store(patient.verify_store),
        check_disk(patient.profile.folder),
        check_fonts(patient.count_fonts),
        await check_sound(settings, patient.sound_device),
        check_scanner(settings),
        check_modes(patient.profile),
    )


def worst(checks: Sequence[Check]) -> Status:
    """Return the worst status of all."""
    order = (Status.FAILED, Status.WARNING)
    return next((status for status in order if any(x.status is status for x in checks)), Status.OK)


def _failed(name: str, error: LoopdeskError) -> Check:
    return Check(name, Status.FAILED, "", failure=error)


def check_settings(loaded: Loaded) -> Check:
    """Check whether the settings file is used as written."""
    name = "settings"
    if loaded.problem is not None:
        advice = "Correct the file; until then the copy that last worked is used."
        return Check(name, Status.FAILED, str(loaded.problem), advice)
    if loaded.machine.unknown:
        found = "not a setting: " + ", ".join(loaded.machine.unknown)
        return Check(name, Status.WARNING, found, "IT corrects the names in the machine's policies.")
    if loaded.unknown_variables:
        found = "not a setting: " + ", ".join(loaded.unknown_variables)
        return Check(
            name, Status.WARNING, found, "Correct the names in the environment; see docs/settings.md."
        )
    if not loaded.settings.station.name or not loaded.settings.station.operator:
        return Check(name, Status.WARNING, "station or operator has no name", "Enter both in Settings.")
    locked = f", {len(loaded.machine.locked)} of them by IT" if loaded.machine.locked else ""
    return Check(name, Status.OK, f"{len(loaded.sources)} set{locked}, all valid")


def check_vocabulary(load: Callable[[], Vocabulary], api_version: str) -> Check:
    """Check whether the vocabulary can be read, and whether the API version supports its grades."""
    name = "vocabulary"
    try:
        vocabulary = load()
    except LoopdeskError as error:
        return _failed(name, error)
    bare = grades_without_category(vocabulary) if api_version == "2026-10" else ()
    if bare:
        found = "no category pair for " + ", ".join(vocabulary.rule(grade).label for grade in bare)
        advice = "Add the pairs of your Loop account to the vocabulary, or set the API version to v1."
        return Check(name, Status.WARNING, found, advice)
    return Check(name, Status.OK, f"{len(vocabulary.grades)} grades")


async def check_key(read_key: Callable[[], Awaitable[str | None]]) -> Check:
    """Check whether there is an API key."""
    try:
        key = await read_key()
    except SecretsUnavailable as error:
        return _failed("key", error)
    if key is None:
        return Check(
            "key", Status.FAILED, "no API key", "Enter the key in Settings, or set LOOPDESK_API_KEY."
        )
    return Check("key", Status.OK, "present")


async def check_reachability(probe: Callable[[], Awaitable[None]] | None, *, has_key: bool = True) -> Check:
    """Ask Loop whether it accepts the key."""
    name = "reachability"
    if probe is None or not has_key:
        return Check(name, Status.WARNING, "not asked, there is no key", "Enter the key first.")
    try:
        await probe()
    except Throttled:
        return Check(name, Status.OK, "Loop answers (and asks to slow down)")
    except LoopdeskError as error:
        return _failed(name, error)
    return Check(name, Status.OK, "Loop answers and takes the key")


def check_clock(offset_seconds: float | None) -> Check:
    """Compare this machine's clock with Loop's."""
    name = "clock skew"
    if offset_seconds is None:
        return Check(name, Status.WARNING, "unknown, Loop has not answered", "Look again when Loop answers.")
    ahead = "behind" if offset_seconds > 0 else "ahead of"
    found = f"{_span(abs(offset_seconds))} {ahead} Loop"
    if abs(offset_seconds) < SKEW_WARNED_SECONDS:
        return Check(name, Status.OK, found if abs(offset_seconds) >= 1 else "none")
    bad = abs(offset_seconds) >= SKEW_FAILED_SECONDS
    advice = (
        "Set the clock of this machine; switch on setting it by network time. "
        "Until then loopdesk goes by Loop's time."
    )
    return Check(name, Status.FAILED if bad else Status.WARNING, found, advice)


def _span(seconds: float) -> str:
    """Format a duration in its largest suitable unit."""
    for unit, length in (("years", 365 * 86_400), ("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{round(seconds / length)} {unit}"
    return f"{seconds:.0f} s"


async def check_store(verify: Callable[[], Awaitable[str]] | None) -> Check:
    """Check whether the store is intact."""
    name = "store integrity"
    if verify is None:
        return Check(name, Status.OK, "no store yet")
    try:
        wrong = await verify()
    except LoopdeskError as error:
        return _failed(name, error)
    if wrong:
        return Check(name, Status.FAILED, wrong, "Stop working on this station and call IT. Delete nothing.")
    return Check(name, Status.OK, "whole")


def check_disk(folder: Path, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Check:
    """Check the free space where the profile is, or will be."""
    name = "free disk"
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = usage(folder)[2]
    except OSError as error:
        return Check(name, Status.FAILED, f"cannot be read ({error.strerror})", "Call IT.")
    found = f"{free / 1e9:.1f} GB"
    if free >= DISK_WARNING_BYTES:
        return Check(name, Status.OK, found)
    status = Status.WARNING if free >= DISK_FAILED_BYTES else Status.FAILED
    return Check(name, status, found, "Free some space: with a full disk nothing can be kept.")


def check_fonts(count: Callable[[], int] | None) -> Check:
    """Check whether there is any font: without one the window shows empty boxes."""
    if count is None and not sys.platform.startswith("linux"):
        return Check("fonts", Status.OK, "checked by the window")
    fonts = count() if count is not None else count_font_files()
    if fonts == 0:
        return Check(
            "fonts", Status.FAILED, "none", "Install a font, for example the package fonts-dejavu-core."
        )
    return Check("fonts", Status.OK, str(fonts))


def count_font_files(folders: Sequence[Path] | None = None) -> int:
    """Count the font files in the folders that Linux systems use."""
    if folders is None:
        home = Path.home()
        folders = (
            Path("/usr/share/fonts"),
            Path("/usr/local/share/fonts"),
            home / ".fonts",
            home / ".local" / "share" / "fonts",
        )
    kinds = {".ttf", ".otf", ".ttc", ".pfb"}
    found = (x for folder in folders if folder.is_dir() for x in folder.rglob("*"))
    return sum(1 for x in found if x.suffix.casefold() in kinds)


async def check_sound(settings: Settings, device: Callable[[], str]) -> Check:
    """Check whether sounds can be heard."""
    if not settings.sound.on or settings.sound.volume == 0:
        return Check("sound", Status.OK, "switched off")
    advice = "Connect a loudspeaker, or switch sounds off in Settings; the window shows every state."
    try:
        found = await ask_in_thread(device, limit_seconds=SOUND_SECONDS, name="loopdesk-sound-check")
    except NoSoundDevice:
        return Check("sound", Status.WARNING, "no device", advice)
    except TimeoutError:
        return Check("sound", Status.WARNING, "the sound system does not answer", advice)
    return Check("sound", Status.OK, found)


_OUTSIDE = "codes of fewer than 8 characters, slower than 60 ms each, need Enter, Tab or a prefix"
"""When a wedge scanner cannot be told from a person pressing keys that act."""


def check_scanner(settings: Settings) -> Check:
    """Check for scanner settings that cannot work well."""
    scanner = settings.scanner
    found = f"gap {scanner.gap_ms} ms, at least {scanner.least_length} characters"
    if scanner.prefix:
        found += f", prefix {scanner.prefix!a}"
    if scanner.suffix:
        found += f", suffix {scanner.suffix!a}"
    if not scanner.prefix:
        found += f"; {_OUTSIDE}"
    doubts = []
    if scanner.double_read_seconds == 0:
        doubts.append("Without a time for double reads, each double read counts twice.")
    if scanner.prefix and scanner.prefix.isalnum():
        doubts.append("A prefix of letters and digits may be the beginning of a real code.")
    return Check("scanner settings", Status.WARNING if doubts else Status.OK, found, " ".join(doubts))


def check_modes(profile: Profile) -> Check:
    """Check whether other users of this machine can read the profile."""
    name = "file modes"
    if os.name != "posix":
        return Check(name, Status.OK, "kept by the user's own profile")
    if not profile.folder.exists():
        return Check(name, Status.OK, "no profile yet")
    mode = profile.folder.stat().st_mode & 0o777
    if mode & 0o077:  # a private folder protects everything in it
        advice = f"Run: chmod 700 '{profile.folder}'"
        return Check(name, Status.WARNING, f"others can look into the profile ({mode:o})", advice)
    return Check(name, Status.OK, "this user alone")


def check_version(
    running: Version, wanted: Wanted | None, problem: LoopdeskError | None, waiting: int
) -> Check:
    """Check whether another version is wanted here.

    Args:
        waiting: How many returns have actions that are not confirmed yet.
    """
    name = "version"
    if problem is not None:
        return Check(name, Status.WARNING, str(running), failure=problem)
    if wanted is None or wanted.version == running:
        return Check(name, Status.OK, f"{running}{', as wanted' if wanted else ''}")
    found = f"{wanted.version} is wanted here, this is {running}"
    advice = "IT installs it when loopdesk is closed."
    if wanted.version < running:
        advice = "IT goes back as docs/it-guide.md says: the queue must be empty first."
    if waiting:
        advice += (
            f" {waiting} {'return waits' if waiting == 1 else 'returns wait'} here: let them go out first."
        )
    return Check(name, Status.WARNING, f"{found}. {wanted.notes}".rstrip(". ") + ".", advice)
