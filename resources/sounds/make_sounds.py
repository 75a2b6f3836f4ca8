"""Makes the bench's sounds, one for each state of the signal band. Run it to write the files beside it.

Each differs from the others in rhythm and direction as well as in pitch, so that it is told apart over
the noise of a dock, by anybody: good news rises, a refusal is low and rough, what needs a look pulses.
All are 16-bit mono at 22,050 Hz and shorter than 0.4 s.
"""
# ruff: noqa: INP001 - a script beside its results, not a package

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

RATE = 22_050
EDGE_SECONDS = 0.008  # soft edges, or each tone begins and ends with a click

# name -> (hertz, seconds, roughness 0…1) after one another; 0 hertz is a rest.
SOUNDS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "ready": ((660, 0.07, 0.0),),
    "found": ((784, 0.07, 0.0), (1175, 0.12, 0.0)),
    "decided": ((1047, 0.05, 0.0),),
    "exception": ((698, 0.06, 0.2), (587, 0.10, 0.2)),
    "selected": ((1397, 0.03, 0.0),),
    "asked": ((784, 0.06, 0.0), (0, 0.03, 0.0), (988, 0.08, 0.0)),
    "waiting": ((440, 0.05, 0.0), (0, 0.05, 0.0), (440, 0.05, 0.0)),
    "stray": ((494, 0.08, 0.1), (0, 0.03, 0.0), (698, 0.08, 0.1), (494, 0.10, 0.1)),
    "mystery": ((587, 0.08, 0.0), (698, 0.08, 0.0), (587, 0.14, 0.0)),
    "settled": ((880, 0.07, 0.0), (880, 0.07, 0.0), (440, 0.14, 0.0)),
    "cancelled": ((330, 0.12, 0.6), (0, 0.04, 0.0), (247, 0.20, 0.6)),
    "review": ((784, 0.08, 0.2), (0, 0.04, 0.0), (784, 0.08, 0.2), (0, 0.04, 0.0), (587, 0.12, 0.2)),
    "unknown": ((587, 0.10, 0.1), (0, 0.04, 0.0), (494, 0.16, 0.1)),
    "double": ((1800, 0.025, 0.0),),
    "blocked": ((196, 0.14, 0.8), (0, 0.05, 0.0), (196, 0.18, 0.8)),
    "kept": ((523, 0.08, 0.0), (523, 0.14, 0.0)),
    "done": ((659, 0.08, 0.0), (831, 0.08, 0.0), (1319, 0.18, 0.0)),
    "taken_back": ((988, 0.07, 0.0), (740, 0.07, 0.0), (523, 0.14, 0.0)),
    "attention": ((988, 0.08, 0.3), (0, 0.04, 0.0), (740, 0.08, 0.3), (0, 0.04, 0.0), (988, 0.12, 0.3)),
}


def tone(hertz: float, seconds: float, roughness: float) -> list[float]:
    """Return samples from -1 to 1: a sine with odd harmonics by roughness, fading towards its end."""
    count = int(RATE * seconds)
    edge = int(RATE * EDGE_SECONDS)
    samples = []
    for n in range(count):
        angle = 2 * math.pi * hertz * n / RATE
        value = math.sin(angle) + roughness * (math.sin(3 * angle) / 3 + math.sin(5 * angle) / 5)
        envelope = min(1.0, n / edge, (count - n) / edge) * (1 - 0.5 * n / count)
        samples.append(0.7 * value * envelope / (1 + roughness / 2))
    return samples


def write(file: Path, parts: tuple[tuple[float, float, float], ...]) -> None:
    """Write one sound."""
    samples = [sample for part in parts for sample in tone(*part)]
    data = array("h", (round(32767 * max(-1.0, min(1.0, sample))) for sample in samples))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(data.tobytes())


if __name__ == "__main__":
    for name, parts in SOUNDS.items():
        write(Path(__file__).with_name(f"{name}.wav"), parts)
