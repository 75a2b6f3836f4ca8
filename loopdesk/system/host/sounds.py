"""The bench's sounds.

A sound that cannot be heard is not a failure: every state is also a color, a shape and a word.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import wave
from array import array
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Protocol

log = logging.getLogger("loopdesk.sound")

NAMES = (
    *("ready", "found", "decided", "exception", "selected", "asked", "waiting"),
    *("unknown", "stray", "mystery", "double", "blocked", "kept", "done", "taken_back"),
    *("settled", "cancelled", "review", "attention"),
)
"""One sound for each state of the signal band."""

RATE = 22_050
BUFFER_MS = 60  # short enough to follow a scan immediately, long enough for a busy bench
RETRY_SECONDS = 60.0  # a speaker may be connected later
TAIL_SECONDS = 0.25  # what is still in the device's buffers after the last sample was handed over


class NoSoundDevice(Exception):
    """This machine has no sound device."""


class Output(Protocol):
    """Something that plays 16-bit mono samples at ``RATE``."""

    name: str

    def play(self, samples: array[int]) -> None:
        """Start playing and cut off what is playing. Does not wait."""
        ...

    def stop(self) -> None:
        """Stop playing and let the device rest."""
        ...

    def close(self) -> None:
        """Release the device."""
        ...


class DeviceOutput:
    """The system's default sound device.

    Args:
        unheard: Play to a null device, in real time; needs no hardware.

    Raises:
        NoSoundDevice: There is none, or it is not available.
    """

    def __init__(self, *, unheard: bool = False) -> None:
        if not unheard and not device_may_exist():
            raise NoSoundDevice("no_device")
        try:
            import miniaudio  # noqa: PLC0415 - loads a native library; not needed where there is no device
        except (ImportError, OSError) as error:
            raise NoSoundDevice("no_library") from error
        try:
            self._device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=RATE,
                buffersize_msec=BUFFER_MS,
                backends=[miniaudio.Backend.NULL] if unheard else None,
                app_name="loopdesk",
            )
        except miniaudio.MiniaudioError as error:
            raise NoSoundDevice(str(error)) from error
        self.name = str(self._device.backend)

    def play(self, samples: array[int]) -> None:
        """Start playing and cut off what is playing. Does not wait."""
        self._device.stop()
        stream = _stream(samples.tobytes())
        next(stream)
        self._device.start(stream)

    def stop(self) -> None:
        """Stop playing and let the device rest."""
        self._device.stop()

    def close(self) -> None:
        """Release the device."""
        self._device.close()


def _stream(data: bytes) -> Generator[bytes, int, None]:
    """Yield samples as the device asks for them, then silence."""
    at = 0
    frames = yield b""
    while True:
        part = data[at : at + 2 * frames]
        at += len(part)
        frames = yield part.ljust(2 * frames, b"\0")


def device_may_exist() -> bool:
    """Whether opening a device is worth trying.

    On Linux without a card or sound server, ALSA would print a page of errors to standard error.
    """
    if not sys.platform.startswith("linux"):
        return True
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    servers = (runtime / "pulse" / "native", runtime / "pipewire-0")
    if "PULSE_SERVER" in os.environ or any(server.exists() for server in servers):
        return True
    return any(Path("/dev/snd").glob("pcmC*p"))


class Sounds:
    """Plays the sounds by name. ``play`` never waits and never fails.

    The device is opened at the first sound, by the same thread that plays. A new sound cuts off the one
    playing, since the newest is the one that matters.

    Args:
        folder: Where the ``.wav`` files are.
        enabled: Whether sounds are played.
        volume: 0 to 100.
        open_output: Opens the device.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        folder: Path,
        *,
        enabled: bool = True,
        volume: int = 80,
        open_output: Callable[[], Output] = DeviceOutput,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._enabled = enabled
        self._volume = volume
        self._open_output = open_output
        self._monotonic = monotonic
        self._turn = threading.Condition()
        self._next = ""
        self._closing = False
        self._thread: threading.Thread | None = None
        self._failed_at: float | None = None

    def set(self, *, enabled: bool, volume: int) -> None:
        """Change the settings from the next sound on."""
        self._enabled = enabled
        self._volume = volume

    def play(self, name: str) -> None:
        """Play a sound; an unknown name plays nothing."""
        if not self._enabled or self._volume <= 0 or name not in NAMES:
            return
        with self._turn:
            if self._closing:
                return
            if self._failed_at is not None and self._monotonic() - self._failed_at < RETRY_SECONDS:
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="loopdesk-sound", daemon=True)
                self._thread.start()
            self._next = name
            self._turn.notify()

    def close(self, wait_seconds: float = 1.0) -> None:
        """Stop for good and release the device; a hanging driver is abandoned."""
        with self._turn:
            self._closing = True
            self._turn.notify()
        if self._thread is not None:
            self._thread.join(wait_seconds)

    def _run(self) -> None:
        try:
            output = self._open_output()
        except Exception as error:  # noqa: BLE001 - drivers fail in ways of their own, and none of them matters
            self._fail("no_sound", error)
            return
        log.info("sound_ready device=%s", output.name)
        try:
            self._play_all(output)
        except Exception as error:  # noqa: BLE001 - as above: the device was pulled out, for example
            self._fail("sound_ended", error)
        finally:
            output.close()

    def _fail(self, event: str, error: Exception) -> None:
        """Back off after a failure; only the first one is logged."""
        log.log(logging.INFO if self._failed_at is None else logging.DEBUG, "%s reason=%s", event, error)
        with self._turn:
            self._failed_at = self._monotonic()
            self._next = ""

    def _play_all(self, output: Output) -> None:
        while (name := self._wait(None)) is not None:
            while name:
                samples = load_sound(self._folder / f"{name}.wav", self._volume)
                output.play(samples)
                heard = self._wait(len(samples) / RATE + TAIL_SECONDS)
                if heard is None:
                    return
                name = heard
            output.stop()

    def _wait(self, seconds: float | None) -> str | None:
        """Return the next name, "" if none came in that time, or None if closed."""
        with self._turn:
            self._turn.wait_for(lambda: self._closing or self._next, seconds)
            name, self._next = self._next, ""
            return None if self._closing else name


def load_sound(file: Path, volume: int) -> array[int]:
    """Load a sound (16-bit mono at ``RATE``) at a volume of 0 to 100; half the volume sounds half as loud."""
    with wave.open(str(file), "rb") as wav:
        if (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) != (1, 2, RATE):
            raise ValueError(f"{file.name} is not 16-bit mono at {RATE} Hz")
        samples = array("h", wav.readframes(wav.getnframes()))
    factor = (max(0, min(100, volume)) / 100) ** 2
    return array("h", (int(sample * factor) for sample in samples))


def find_device() -> str:
    """Return the name of the sound system with a usable device. May block.

    Raises:
        NoSoundDevice: There is none.
    """
    output = DeviceOutput()
    output.close()
    return output.name
