"""The doctor: each check says what was found, as codes; what to do about it goes with the words."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loopdesk.domain.camera import CameraDevice, CameraState, chosen
from loopdesk.domain.checks import Check, Diagnosis, Status, found
from loopdesk.domain.errors import CameraUnusable, LoopdeskError, SecretsUnavailable, Throttled
from loopdesk.domain.printing.printers import PRINTING, PrinterState
from loopdesk.domain.release import Version, Wanted
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.scanner.serial_ports import (
    GunState,
    PortTrouble,
    is_scanner,
    ports_to_open,
    short_name,
)
from loopdesk.domain.sync import SKEW_WARNED_SECONDS
from loopdesk.services.ports.labels import LabelPrinter
from loopdesk.services.ports.station import SerialPorts
from loopdesk.system.host.paths import Profile
from loopdesk.system.host.scanners import group_of
from loopdesk.system.host.sounds import NoSoundDevice, find_device
from loopdesk.system.host.watchdog import ask_in_thread
from loopdesk.system.settings.file import Loaded
from loopdesk.system.settings.model import EvidenceSettings, PrinterSettings, ScannerSettings, Settings
from loopdesk.system.settings.vocabulary import grades_without_category

DISK_WARNING_BYTES = 2_000_000_000
DISK_FAILED_BYTES = 200_000_000
SKEW_FAILED_SECONDS = 300.0
SOUND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything the checks look at. A None is reported as not checked.

    Attributes:
        loaded: The settings in force.
        load_vocabulary: Reads the vocabulary again; raises ``SettingsWrong``.
        probe: Sends Loop the cheapest request that needs the key.
        clock_offset: Seconds that Loop's clock is ahead, None until Loop has answered; called after
            ``probe``.
        verify_store: Returns what is wrong with the store, None if it is intact.
        count_fonts: How many fonts the window can use; without a window the files are counted.
        sound_device: Names the sound device, or raises ``NoSoundDevice``; may block.
    """

    profile: Profile
    loaded: Loaded
    load_vocabulary: Callable[[], Vocabulary]
    read_key: Callable[[], Awaitable[str | None]]
    probe: Callable[[], Awaitable[None]] | None
    clock_offset: Callable[[], float | None]
    verify_store: Callable[[], Awaitable[Diagnosis | None]] | None
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


def _ok(name: str, code: str, **values: object) -> Check:
    return Check(name, Status.OK, (found(code, **values),))


def _warning(name: str, code: str, **values: object) -> Check:
    return Check(name, Status.WARNING, (found(code, **values),))


def _failed(name: str, code: str, **values: object) -> Check:
    return Check(name, Status.FAILED, (found(code, **values),))


def _by(name: str, failure: LoopdeskError) -> Check:
    return Check(name, Status.FAILED, failure=failure)


def check_settings(loaded: Loaded) -> Check:
    """Check whether the settings file is used as written."""
    name = "settings"
    if loaded.problem is not None:
        return Check(name, Status.FAILED, (found("last_good_used"),), loaded.problem)
    if loaded.machine.unknown:
        return _warning(name, "unknown_in_policies", names=", ".join(loaded.machine.unknown))
    if loaded.unknown_variables:
        return _warning(name, "unknown_in_environment", names=", ".join(loaded.unknown_variables))
    if not loaded.settings.station.name or not loaded.settings.station.operator:
        return _warning(name, "nameless")
    if loaded.machine.locked:
        return _ok(name, "settings_locked", n=len(loaded.sources), locked=len(loaded.machine.locked))
    return _ok(name, "settings_valid", n=len(loaded.sources))


def check_vocabulary(load: Callable[[], Vocabulary], api_version: str) -> Check:
    """Check whether the vocabulary can be read, and whether the API version supports its grades."""
    name = "vocabulary"
    try:
        vocabulary = load()
    except LoopdeskError as error:
        return _by(name, error)
    bare = grades_without_category(vocabulary) if api_version == "2026-10" else ()
    if bare:
        labels = tuple(vocabulary.rule(grade).label for grade in bare)
        return _warning(name, "grades_without_category", grades=labels)
    return _ok(name, "grades", n=len(vocabulary.grades))


async def check_key(read_key: Callable[[], Awaitable[str | None]]) -> Check:
    """Check whether there is an API key."""
    try:
        key = await read_key()
    except SecretsUnavailable as error:
        return _by("key", error)
    return _failed("key", "no_key") if key is None else _ok("key", "key_present")


async def check_reachability(probe: Callable[[], Awaitable[None]] | None, *, has_key: bool = True) -> Check:
    """Ask Loop whether it accepts the key."""
    name = "reachability"
    if probe is None or not has_key:
        return _warning(name, "not_asked")
    try:
        await probe()
    except Throttled:
        return _ok(name, "throttled")
    except LoopdeskError as error:
        return _by(name, error)
    return _ok(name, "reached")


def check_clock(offset_seconds: float | None) -> Check:
    """Compare this machine's clock with Loop's."""
    name = "clock skew"
    if offset_seconds is None:
        return _warning(name, "clock_unknown")
    seconds = abs(offset_seconds)
    if seconds < 1:
        return _ok(name, "clock_right")
    code = "clock_behind" if offset_seconds > 0 else "clock_ahead"
    if seconds < SKEW_WARNED_SECONDS:
        return _ok(name, code, seconds=seconds)
    bad = seconds >= SKEW_FAILED_SECONDS
    return _failed(name, code, seconds=seconds) if bad else _warning(name, code, seconds=seconds)


async def check_store(verify: Callable[[], Awaitable[Diagnosis | None]] | None) -> Check:
    """Check whether the store is intact."""
    name = "store integrity"
    if verify is None:
        return _ok(name, "no_store")
    try:
        wrong = await verify()
    except LoopdeskError as error:
        return _by(name, error)
    return Check(name, Status.FAILED, (wrong,)) if wrong is not None else _ok(name, "store_intact")


def check_disk(folder: Path, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Check:
    """Check the free space where the profile is, or will be."""
    name = "free disk"
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = usage(folder)[2]
    except OSError as error:
        return _failed(name, "disk_unreadable", error=error.strerror)
    status = Status.OK if free >= DISK_WARNING_BYTES else Status.WARNING
    status = status if free >= DISK_FAILED_BYTES else Status.FAILED
    return Check(name, status, (found("disk_free", size=free),))


def check_fonts(count: Callable[[], int] | None) -> Check:
    """Check whether there is any font: without one the window shows empty boxes."""
    if count is None and not sys.platform.startswith("linux"):
        return _ok("fonts", "fonts_by_window")
    fonts = count() if count is not None else count_font_files()
    return _failed("fonts", "no_fonts") if fonts == 0 else _ok("fonts", "fonts", n=fonts)


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
        return _ok("sound", "sound_off")
    try:
        name = await ask_in_thread(device, limit_seconds=SOUND_SECONDS, name="loopdesk-sound-check")
    except NoSoundDevice:
        return _warning("sound", "no_sound_device")
    except TimeoutError:
        return _warning("sound", "sound_hangs")
    return _ok("sound", "sound_device", device=name)


def check_scanner(settings: Settings) -> Check:
    """Check for scanner settings that cannot work well."""
    scanner = settings.scanner
    told = [found("scanner", ms=scanner.gap_ms, n=scanner.least_length)]
    if scanner.prefix:
        told.append(found("scanner_prefix", signs=ascii(scanner.prefix)))
    if scanner.suffix:
        told.append(found("scanner_suffix", signs=ascii(scanner.suffix)))
    if not scanner.prefix:  # then a wedge scanner cannot always be told from a person pressing keys that act
        told.append(found("scanner_outside"))
    doubts = []
    if scanner.double_read_seconds == 0:
        doubts.append(found("scanner_counts_twice"))
    if scanner.prefix and scanner.prefix.isalnum():
        doubts.append(found("scanner_prefix_like_code"))
    return Check("scanner settings", Status.WARNING if doubts else Status.OK, (*told, *doubts))


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
    name = "serial scanners"
    known = await ports.find()
    if not scanner.port:
        unused = ", ".join(short_name(port.name) for port in known if is_scanner(port))
        return _ok(name, "guns_unused", names=unused) if unused else _ok(name, "no_guns")
    if states is None:
        states = {each: await _try(ports, each, scanner.baud) for each in ports_to_open(scanner.port, known)}
    if not states:
        return _warning(name, "no_gun_found")
    told = tuple(_gun(port, state, group) for port, state in states.items())
    is_well = all(state is GunState.READING for state in states.values())
    return Check(name, Status.OK if is_well else Status.WARNING, told)


async def _try(ports: SerialPorts, name: str, baud: int) -> GunState:
    try:
        port = await ports.open(name, baud, lambda _: None, lambda: None)
    except PortTrouble as trouble:
        return trouble.state
    await port.close()
    return GunState.READING


def _gun(port: str, state: GunState, group: Callable[[str], str]) -> Diagnosis:
    owner = group(port) if state is GunState.DENIED else ""
    if owner:
        return found("gun_denied_to_group", port=short_name(port), group=owner)
    return found(f"gun_{state.value}", port=short_name(port))


async def check_label_printer(settings: PrinterSettings, printer: LabelPrinter | None) -> Check:
    """Ask the label printer what it can do now; nothing is printed.

    Args:
        printer: The one that the settings name; None without one.
    """
    name = "label printer"
    if settings.label in ("", "pdf"):
        return _ok(name, "printer_pdf" if settings.label else "no_printer")
    state = await printer.state() if printer is not None else PrinterState.NOT_SET
    code = f"printer_{state.value}"
    return _ok(name, code) if state in PRINTING else _warning(name, code)


async def check_camera(
    evidence: EvidenceSettings, find: Callable[[], Awaitable[Sequence[CameraDevice]]] | None
) -> Check:
    """Check whether the camera that takes photos is connected; it is not opened.

    Args:
        find: Finds the cameras; None without a window, which alone can read them.
    """
    name = "camera"
    if evidence.source != "camera":
        return _ok(name, "camera_unused")
    if find is None:
        return _ok(name, "camera_by_window")
    try:
        known = await find()
    except CameraUnusable as unusable:
        return Check(name, Status.WARNING, failure=unusable)
    device = chosen(known, evidence.camera)
    if device is not None:
        return _ok(name, "camera_found", camera=device.name)
    if not known:
        return Check(name, Status.WARNING, failure=CameraUnusable(why=CameraState.NONE))
    return _warning(
        name, "camera_away", camera=evidence.camera, others=", ".join(each.name for each in known)
    )


def check_modes(profile: Profile) -> Check:
    """Check whether other users of this machine can read the profile."""
    name = "file modes"
    if os.name != "posix":
        return _ok(name, "modes_by_profile")
    if not profile.folder.exists():
        return _ok(name, "no_profile")
    mode = profile.folder.stat().st_mode & 0o777
    if mode & 0o077:  # a private folder protects everything in it
        return _warning(name, "modes_open", mode=f"{mode:o}", folder=profile.folder)
    return _ok(name, "modes_private")


def check_size(wanted: int, shown: int) -> Check:
    """Check whether the window has the size that is set, both in percent."""
    if shown >= wanted:
        return _ok("size", "size_shown", shown=shown)
    return Check("size", Status.WARNING, (found("size_reduced", wanted=wanted, shown=shown),))


def check_version(
    running: Version, wanted: Wanted | None, problem: LoopdeskError | None, waiting: int
) -> Check:
    """Check whether another version is wanted here.

    Args:
        waiting: How many returns have actions that are not confirmed yet.
    """
    name = "version"
    if problem is not None:
        return Check(name, Status.WARNING, (found("version", version=running),), problem)
    if wanted is None or wanted.version == running:
        return _ok(name, "version_as_wanted" if wanted else "version", version=running)
    code = "version_newer" if running < wanted.version else "version_older"
    told = [found(code, wanted=wanted.version, version=running)]
    if wanted.notes:
        told.append(found("version_notes", notes=wanted.notes.rstrip(". ")))
    if waiting:
        told.append(found("version_waits", n=waiting))
    return Check(name, Status.WARNING, tuple(told))
