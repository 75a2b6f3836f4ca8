"""The sounds: short, distinct, and never blocking anything."""

from __future__ import annotations

import logging
import runpy
import threading
import wave
from array import array
from pathlib import Path

import pytest

from loopdesk.presenters.screens.window import Signal
from loopdesk.system.host import sounds
from loopdesk.system.host.paths import resources_dir
from loopdesk.system.host.sounds import (
    NAMES,
    RATE,
    DeviceOutput,
    NoSoundDevice,
    Sounds,
    device_may_exist,
    load_sound,
)

FOLDER = resources_dir() / "sounds"


class HeardOutput:
    """An output that records what it is asked to do."""

    name = "heard"

    def __init__(self) -> None:
        self.happened = threading.Condition()
        self.events: list[tuple[str, int]] = []

    def _note(self, event: str, count: int = 0) -> None:
        with self.happened:
            self.events.append((event, count))
            self.happened.notify_all()

    def play(self, samples: array[int]) -> None:
        self._note("play", len(samples))

    def stop(self) -> None:
        self._note("stop")

    def close(self) -> None:
        self._note("close")

    def wait_for(self, event: str, times: int = 1) -> None:
        with self.happened:
            assert self.happened.wait_for(lambda: [x for x, _ in self.events].count(event) >= times, 10)


def length(name: str) -> int:
    return len(load_sound(FOLDER / f"{name}.wav", 100))


@pytest.mark.fault(136)
def test_each_state_of_the_band_has_a_sound() -> None:
    assert set(NAMES) == {signal.value for signal in Signal}
    assert {x.stem for x in FOLDER.glob("*.wav")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_is_short_small_and_loud_enough(name: str) -> None:
    file = FOLDER / f"{name}.wav"
    with wave.open(str(file)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, RATE)
        assert 0.02 <= wav.getnframes() / RATE < 0.4
    assert file.stat().st_size < 20_000
    samples = load_sound(file, 100)
    assert 12_000 < max(abs(x) for x in samples) < 32_767
    assert abs(samples[0]) < 500
    assert abs(samples[-1]) < 500


@pytest.mark.fault(136)
def test_no_two_sounds_are_alike() -> None:
    assert len({load_sound(FOLDER / f"{name}.wav", 100).tobytes() for name in NAMES}) == len(NAMES)


def test_the_files_are_what_the_script_makes(tmp_path: Path) -> None:
    script = runpy.run_path(str(FOLDER / "make_sounds.py"))
    assert set(script["SOUNDS"]) == set(NAMES)
    for name, parts in script["SOUNDS"].items():
        script["write"](tmp_path / f"{name}.wav", parts)
        assert (tmp_path / f"{name}.wav").read_bytes() == (FOLDER / f"{name}.wav").read_bytes(), name


def test_volume_makes_softer_and_zero_is_silence() -> None:
    loud, soft, silent = (load_sound(FOLDER / "done.wav", volume) for volume in (100, 50, 0))
    assert max(soft) == pytest.approx(max(loud) / 4, rel=0.01)
    assert set(silent) == {0}


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "x.wav"), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(b"\0" * 8)
    with pytest.raises(ValueError, match=r"x\.wav is not 16-bit mono"):
        load_sound(tmp_path / "x.wav", 100)


def test_a_sound_is_played_and_the_device_then_rests() -> None:
    output = HeardOutput()
    player = Sounds(FOLDER, open_output=lambda: output)
    player.play("double")
    output.wait_for("stop")
    player.close()
    assert output.events == [("play", length("double")), ("stop", 0), ("close", 0)]


def test_the_newest_sound_cuts_off_the_one_before() -> None:
    output = HeardOutput()
    player = Sounds(FOLDER, open_output=lambda: output)
    player.play("attention")
    output.wait_for("play")
    player.play("blocked")
    output.wait_for("play", 2)
    player.close()
    assert output.events[:2] == [("play", length("attention")), ("play", length("blocked"))]
    assert output.events[-1] == ("close", 0)


def test_nothing_is_opened_before_the_first_sound_nor_for_silence() -> None:
    opened = list[str]()

    def open_output() -> HeardOutput:
        opened.append("opened")
        return HeardOutput()

    Sounds(FOLDER, open_output=open_output)
    for player in (
        Sounds(FOLDER, enabled=False, open_output=open_output),
        Sounds(FOLDER, volume=0, open_output=open_output),
    ):
        player.play("done")
        player.close()
    player = Sounds(FOLDER, open_output=open_output)
    player.play("no such sound")
    player.close()
    player.play("done")
    assert opened == []


def test_sounds_can_be_switched_on_while_the_program_runs() -> None:
    output = HeardOutput()
    player = Sounds(FOLDER, enabled=False, open_output=lambda: output)
    player.set(enabled=True, volume=50)
    player.play("ready")
    output.wait_for("play")
    player.close()
    assert output.events[0] == ("play", length("ready"))


def test_a_machine_without_a_device_is_no_failure_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now, tries = [0.0], list[float]()

    def none() -> HeardOutput:
        tries.append(now[0])
        raise NoSoundDevice("no sound device")

    player = Sounds(FOLDER, open_output=none, monotonic=lambda: now[0])
    for now[0] in (0.0, 1.0, 59.0, 61.0, 62.0, 200.0):
        player.play("done")
        for thread in threading.enumerate():
            if thread.name == "loopdesk-sound":
                thread.join()
    player.close()
    assert tries == [0.0, 61.0, 200.0]
    assert [x.getMessage() for x in caplog.records] == ["no_sound reason=no sound device"]


def test_a_device_that_is_pulled_out_ends_the_sound_only(caplog: pytest.LogCaptureFixture) -> None:
    class Pulled(HeardOutput):
        def play(self, samples: array[int]) -> None:
            raise OSError("device is gone")

    output = Pulled()
    player = Sounds(FOLDER, open_output=lambda: output)
    player.play("done")
    output.wait_for("close")
    player.close()
    assert output.events == [("close", 0)]


def test_a_driver_that_hangs_holds_nobody_up() -> None:
    release = threading.Event()

    def hang() -> HeardOutput:
        release.wait()
        return HeardOutput()

    player = Sounds(FOLDER, open_output=hang)
    for _ in range(1000):
        player.play("done")
    player.close(wait_seconds=0.01)
    assert not release.is_set()  # all of it returned while the driver still hung
    hung = [x for x in threading.enumerate() if x.name == "loopdesk-sound"]
    assert all(x.daemon for x in hung)
    release.set()
    for thread in hung:
        thread.join()


def test_the_stream_hands_out_every_sample_then_silence() -> None:
    stream = sounds._stream(b"aabbcc")
    assert next(stream) == b""
    assert stream.send(2) == b"aabb"
    assert stream.send(2) == b"cc\0\0"
    assert stream.send(3) == b"\0" * 6


def test_a_machine_without_card_and_server_is_not_bothered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    assert not device_may_exist()
    (tmp_path / "pipewire-0").touch()
    assert device_may_exist()


def test_without_a_device_the_search_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "device_may_exist", lambda: False)
    with pytest.raises(NoSoundDevice, match="no_device"):
        sounds.find_device()


def test_the_library_really_plays(caplog: pytest.LogCaptureFixture) -> None:
    """Through everything but a loudspeaker: the library's own null device takes samples in real time."""
    caplog.set_level(logging.INFO)
    stopped = threading.Event()

    class Unheard(DeviceOutput):
        def __init__(self) -> None:
            super().__init__(unheard=True)

        def stop(self) -> None:
            super().stop()
            stopped.set()

    player = Sounds(FOLDER, open_output=Unheard)
    player.play("found")
    player.play("double")
    assert stopped.wait(10)
    player.close()
    assert [x.getMessage() for x in caplog.records] == ["sound_ready device=Null"]
