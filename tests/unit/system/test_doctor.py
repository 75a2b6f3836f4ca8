"""The station's checks: each verdict, and that each bad one says what to do."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from loopdesk import cli
from loopdesk.app.commands.console import Exit
from loopdesk.domain.camera import CameraDevice, CameraState
from loopdesk.domain.checks import Check, Diagnosis, Status, worst
from loopdesk.domain.checks import found as a_finding
from loopdesk.domain.errors import (
    AnswerLost,
    KeyRefused,
    LoopdeskError,
    ManifestUnusable,
    RuleBroken,
    SecretsUnavailable,
    SettingsWrong,
    StoreDamaged,
    Throttled,
    Unreachable,
)
from loopdesk.domain.printing.printers import PrinterState
from loopdesk.domain.release import Version, Wanted
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.presenters.words.check_words import advice, found
from loopdesk.system import doctor
from loopdesk.system.doctor import Patient, examine
from loopdesk.system.host.paths import Profile, resources_dir
from loopdesk.system.host.sounds import NoSoundDevice
from loopdesk.system.settings.file import Loaded, Source
from loopdesk.system.settings.model import (
    EvidenceSettings,
    PrinterSettings,
    ScannerSettings,
    Settings,
    SoundSettings,
    StationSettings,
)
from loopdesk.system.settings.vocabulary import load_vocabulary
from tests.fakes.camera import DESK, OVERHEAD, PaintingCameras
from tests.fakes.paper_printer import PaperPrinter

NAMED = Settings(station=StationSettings(name="Dock 3", operator="Åse"))


class SecretsTwin:
    """A key store with one answer."""

    def __init__(self, answer: str | SecretsUnavailable | None) -> None:
        self.answer = answer

    async def key(self) -> str | None:
        if isinstance(self.answer, SecretsUnavailable):
            raise self.answer
        return self.answer

    async def keep_key(self, key: str) -> None:
        raise AssertionError("a check changes nothing")

    async def forget_key(self) -> None:
        raise AssertionError("a check changes nothing")


def default_vocabulary() -> Vocabulary:
    return load_vocabulary(resources_dir() / "vocab" / "default.toml")


def answering(answer: LoopdeskError | Diagnosis | None = None) -> Callable[[], Awaitable[Diagnosis | None]]:
    async def ask() -> Diagnosis | None:
        if isinstance(answer, LoopdeskError):
            raise answer
        return answer

    return ask


def probing(failure: LoopdeskError | None = None) -> Callable[[], Awaitable[None]]:
    async def probe() -> None:
        if failure is not None:
            raise failure

    return probe


def patient(folder: Path) -> Patient:
    profile = Profile(folder)
    profile.create()
    return Patient(
        profile=profile,
        loaded=Loaded(NAMED, {"station.name": Source.FILE}),
        load_vocabulary=default_vocabulary,
        read_key=SecretsTwin("key").key,
        probe=probing(),
        clock_offset=lambda: 0.4,
        verify_store=answering(),
        count_fonts=lambda: 12,
        sound_device=lambda: "ALSA",
    )


async def test_a_healthy_station_is_ok_in_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DISK_WARNING_BYTES", 1)
    checks = await examine(patient(tmp_path))
    assert {x.name: x.status for x in checks} == dict.fromkeys(
        (
            "settings",
            "vocabulary",
            "key",
            "reachability",
            "clock skew",
            "store integrity",
            "free disk",
            "fonts",
            "sound",
            "scanner settings",
            "file modes",
        ),
        Status.OK,
    )
    assert worst(checks) is Status.OK
    assert all(found(x) and not advice(x) for x in checks)


async def test_one_failure_stops_no_other_check(tmp_path: Path) -> None:
    ill = replace(
        patient(tmp_path),
        read_key=SecretsTwin(SecretsUnavailable("locked")).key,
        verify_store=answering(StoreDamaged("page 3")),
        load_vocabulary=lambda: load_vocabulary(tmp_path / "none.toml"),
        clock_offset=lambda: None,
    )
    checks = {x.name: x for x in await examine(ill)}
    assert len(checks) == 11
    assert [x for x in checks if checks[x].status is Status.FAILED] == [
        "vocabulary",
        "key",
        "store integrity",
    ]
    assert all(advice(x) or x.failure for x in checks.values() if x.status is not Status.OK)
    assert worst(tuple(checks.values())) is Status.FAILED


async def test_loops_clock_is_read_after_loop_was_asked(tmp_path: Path) -> None:
    offset: list[float] = []

    async def probe() -> None:
        offset.append(3.0)

    asked = replace(patient(tmp_path), probe=probe, clock_offset=lambda: offset[0] if offset else None)
    assert Check("clock skew", Status.OK, (a_finding("clock_behind", seconds=3.0),)) in await examine(asked)


def test_a_damaged_settings_file_is_named() -> None:
    problem = SettingsWrong("must_be_switch", file="/p/settings.toml", line=4, key="sound.on")
    check = doctor.check_settings(Loaded(NAMED, problem=problem))
    assert check.status is Status.FAILED
    assert "/p/settings.toml:4" in found(check)


def test_names_in_the_environment_that_are_no_settings_are_named() -> None:
    check = doctor.check_settings(Loaded(NAMED, unknown_variables=("LOOPDESK_STATON",)))
    assert (check.status, found(check)) == (Status.WARNING, "not a setting: LOOPDESK_STATON")


def test_a_station_without_a_name_is_a_warning() -> None:
    assert doctor.check_settings(Loaded(Settings())).status is Status.WARNING


def test_grades_that_the_api_version_cannot_carry_are_a_warning() -> None:
    check = doctor.check_vocabulary(default_vocabulary, "2026-10")
    assert (check.status, found(check)) == (
        Status.WARNING,
        "no category pair for B, C, D, Wrong item, Missing, Junk",
    )
    assert doctor.check_vocabulary(default_vocabulary, "2026-07").status is Status.OK


async def test_no_key_is_a_failure_and_loop_is_not_asked() -> None:
    assert (await doctor.check_key(SecretsTwin(None).key)).status is Status.FAILED
    asked = await doctor.check_reachability(probing(AnswerLost("not to be asked")), has_key=False)
    assert asked.status is Status.WARNING


async def test_the_key_itself_is_never_shown() -> None:
    assert "CANARY" not in repr(await doctor.check_key(SecretsTwin("CANARY-key").key))


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        (None, "takes the key"),
        (Throttled(), "slow down"),
        (KeyRefused(), ""),
        (Unreachable("no route"), ""),
        (AnswerLost(), ""),
    ],
)
async def test_what_loop_answers_decides(failure: LoopdeskError | None, word: str) -> None:
    check = await doctor.check_reachability(probing(failure))
    if word:
        assert (check.status, check.failure) == (Status.OK, None)
        assert word in found(check)
    else:
        assert check == Check("reachability", Status.FAILED, failure=failure)


@pytest.mark.fault(89)
@pytest.mark.parametrize(
    ("offset", "status", "said"),
    [
        (None, Status.WARNING, "unknown, Loop has not answered"),
        (0.0, Status.OK, "none"),
        (59.0, Status.OK, "59 s behind Loop"),
        (-60.0, Status.WARNING, "60 s ahead of Loop"),
        (119.0, Status.WARNING, "119 s behind Loop"),
        (299.0, Status.WARNING, "5 min behind Loop"),
        (-300.0, Status.FAILED, "5 min ahead of Loop"),
        (7_200.0, Status.FAILED, "2 h behind Loop"),
        (259_200.0, Status.FAILED, "3 days behind Loop"),
        (-94_608_000.0, Status.FAILED, "3 years ahead of Loop"),
    ],
)
def test_a_wrong_clock_is_measured_against_loops(offset: float | None, status: Status, said: str) -> None:
    check = doctor.check_clock(offset)
    assert (check.status, found(check)) == (status, said)


async def test_a_store_that_is_not_whole_is_a_failure() -> None:
    check = await doctor.check_store(answering(a_finding("audit_changed", row=7)))
    assert (check.status, found(check)) == (Status.FAILED, "the audit log was changed at row 7")
    assert (await doctor.check_store(None)).status is Status.OK


@pytest.mark.parametrize(
    ("free", "status"),
    [(5_000_000_000, Status.OK), (1_900_000_000, Status.WARNING), (100_000_000, Status.FAILED)],
)
def test_room_on_the_disk_is_measured(tmp_path: Path, free: int, status: Status) -> None:
    asked: list[Path] = []

    def usage(folder: Path) -> tuple[int, int, int]:
        asked.append(folder)
        return 10**12, 10**12 - free, free

    assert doctor.check_disk(tmp_path / "not" / "yet", usage).status is status
    assert asked == [tmp_path]


def test_a_disk_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    def broken(_: Path) -> tuple[int, int, int]:
        raise OSError(5, "Input/output error")

    assert doctor.check_disk(tmp_path, broken).status is Status.FAILED


def test_font_files_are_counted_where_there_is_no_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "One.TTF").touch()
    (tmp_path / "deep" / "readme.txt").touch()
    assert doctor.count_font_files([tmp_path, tmp_path / "none"]) == 1
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "count_font_files", lambda: 0)
    assert doctor.check_fonts(None).status is Status.FAILED
    monkeypatch.setattr(sys, "platform", "darwin")
    assert doctor.check_fonts(None) == Check("fonts", Status.OK, (a_finding("fonts_by_window"),))
    assert doctor.check_fonts(lambda: 0).status is Status.FAILED


async def test_a_missing_sound_device_is_a_warning_only() -> None:
    def none() -> str:
        raise NoSoundDevice("no sound device")

    check = await doctor.check_sound(Settings(), none)
    assert (check.status, found(check)) == (Status.WARNING, "no device")
    for quiet in (SoundSettings(on=False), SoundSettings(volume=0)):
        off = await doctor.check_sound(Settings(sound=quiet), none)
        assert (off.status, found(off)) == (Status.OK, "switched off")


@pytest.mark.fault(150)
def test_a_gun_outside_the_promise_is_named_unless_it_has_a_prefix() -> None:
    assert "fewer than 8 characters" in found(doctor.check_scanner(Settings()))
    assert "fewer than 8" not in found(doctor.check_scanner(Settings(scanner=ScannerSettings(prefix="~"))))


@pytest.mark.parametrize(
    ("scanner", "word"),
    [
        (ScannerSettings(double_read_seconds=0), "counts twice"),
        (ScannerSettings(prefix="AB"), "real code"),
    ],
)
def test_scanner_settings_that_cannot_work_well_are_a_warning(scanner: ScannerSettings, word: str) -> None:
    check = doctor.check_scanner(Settings(scanner=scanner))
    assert check.status is Status.WARNING
    assert word in advice(check)


def test_control_characters_of_a_prefix_are_shown_as_escapes() -> None:
    check = doctor.check_scanner(Settings(scanner=ScannerSettings(prefix="\x02", suffix="\x03")))
    assert (check.status, found(check)) == (
        Status.OK,
        "gap 35 ms, at least 4 characters; prefix '\\x02'; suffix '\\x03'",
    )


@pytest.mark.fault(122)
def test_a_profile_open_to_others_is_a_warning(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "bench")
    assert doctor.check_modes(profile).status is Status.OK
    profile.create()
    assert doctor.check_modes(profile).status is Status.OK
    profile.folder.chmod(0o750)
    check = doctor.check_modes(profile)
    assert (check.status, found(check)) == (Status.WARNING, "others can look into the profile (750)")
    assert str(profile.folder) in advice(check)


def test_a_size_that_the_screen_has_no_room_for_is_a_warning() -> None:
    assert found(doctor.check_size(150, 150)) == "150 %"
    assert doctor.check_size(150, 150).status is Status.OK
    check = doctor.check_size(200, 133)
    assert check.status is Status.WARNING
    assert found(check) == "133 %: this screen has no room for the 200 % that are set"
    assert "Set a smaller size" in advice(check)


@pytest.mark.parametrize(
    ("wanted", "waiting", "status", "words"),
    [
        (None, 3, Status.OK, "1.3.0"),
        ("1.3.0", 0, Status.OK, "as wanted"),
        ("1.4.0", 0, Status.WARNING, "1.4.0 is wanted here, this is 1.3.0"),
        ("1.4.0", 2, Status.WARNING, "2 returns wait here: let them go out first"),
        ("1.2.0", 1, Status.WARNING, "1 return waits here"),
        ("1.2.0", 0, Status.WARNING, "goes back as"),
    ],
)
def test_another_version_that_is_wanted_is_a_warning(
    wanted: str | None, waiting: int, status: Status, words: str
) -> None:
    told = Wanted(Version.of(wanted), "Quieter beeps.") if wanted else None
    check = doctor.check_version(Version.of("1.3.0"), told, None, waiting)
    assert check.status is status
    assert words in f"{found(check)} {advice(check)}"


def test_a_manifest_that_cannot_be_used_is_a_warning() -> None:
    failure = ManifestUnusable(why="status", status=404)
    check = doctor.check_version(Version.of("1.3.0"), None, failure, 0)
    assert check == Check(
        "version", Status.WARNING, (a_finding("version", version=Version.of("1.3.0")),), failure
    )


@pytest.mark.fault(156)
async def test_the_code_of_a_rule_reaches_no_person(capsys: pytest.CaptureFixture[str]) -> None:
    async def breaks() -> None:
        raise RuleBroken("bad_window")

    check = await doctor.check_reachability(breaks)
    assert check.status is Status.FAILED
    assert check.failure is not None
    assert "bad_window" not in found(check) + advice(check)
    cli._complain(RuleBroken("bad_window"), Exit.ATTENTION)
    assert "bad_window" not in capsys.readouterr().err


@pytest.mark.fault(183)
@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (PrinterState.READY, Status.OK, "ready"),
        (PrinterState.SILENT, Status.OK, "answers no status"),
        (PrinterState.PAPER_OUT, Status.WARNING, "no labels left"),
        (PrinterState.UNREACHABLE, Status.WARNING, "cannot be reached"),
    ],
)
async def test_the_label_printer_is_asked_what_it_can_do(
    state: PrinterState, status: Status, said: str
) -> None:
    printer = PaperPrinter()
    printer.answer = state
    check = await doctor.check_label_printer(PrinterSettings(label="zebra"), printer)
    assert check.status is status
    assert said in found(check)
    assert bool(advice(check)) == (status is Status.WARNING)
    assert printer.labels == []


# --- the camera -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("connected", "wanted", "status", "said"),
    [
        ((DESK, OVERHEAD), "", Status.OK, "Desk camera is connected"),
        ((DESK, OVERHEAD), "Overhead camera", Status.OK, "Overhead camera is connected"),
        (
            (DESK,),
            "Overhead camera",
            Status.WARNING,
            "Overhead camera is not connected; found are: Desk camera",
        ),
        ((), "Overhead camera", Status.WARNING, "No camera is connected."),
    ],
)
async def test_the_camera_that_takes_photos_is_looked_for_and_not_opened(
    connected: tuple[CameraDevice, ...], wanted: str, status: Status, said: str
) -> None:
    cameras = PaintingCameras(*connected)
    check = await doctor.check_camera(EvidenceSettings(source="camera", camera=wanted), cameras.find)
    assert (check.status, found(check)) == (status, said)
    assert bool(advice(check)) == (status is Status.WARNING)
    assert cameras.opened == []


@pytest.mark.fault(192)
async def test_a_computer_that_reads_no_cameras_is_told_what_to_do() -> None:
    cameras = PaintingCameras(DESK)
    cameras.refuses = CameraState.UNSUPPORTED
    check = await doctor.check_camera(EvidenceSettings(source="camera"), cameras.find)
    assert (check.status, found(check)) == (Status.WARNING, "Cameras cannot be read at this computer.")
    assert "Choose a photo's file" in advice(check)


async def test_nothing_is_looked_for_where_photos_come_from_files_or_there_is_no_window() -> None:
    async def never() -> tuple[CameraDevice, ...]:
        raise AssertionError("what reads cameras was loaded")

    check = await doctor.check_camera(EvidenceSettings(), never)
    assert (check.status, found(check)) == (Status.OK, "not chosen: photos come from files")
    check = await doctor.check_camera(EvidenceSettings(source="camera"), None)
    assert (check.status, found(check)) == (Status.OK, "checked by the window")


async def test_no_label_printer_and_one_that_is_a_file_are_in_order() -> None:
    for label, said in (("", "none is set"), ("pdf", "written to a file")):
        check = await doctor.check_label_printer(PrinterSettings(label=label), None)
        assert (check.status, said in found(check)) == (Status.OK, True)


async def test_a_network_printer_without_an_address_is_named() -> None:
    check = await doctor.check_label_printer(PrinterSettings(label="network"), None)
    assert (check.status, found(check)) == (Status.WARNING, "No label printer is set.")
