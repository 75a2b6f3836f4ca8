"""Which macOS the pinned wheels were made for, read from the Mach-O headers of every file in them.

    PYTHONPATH=packaging python -m macos.floors            # fetches the wheels and compares with floors.toml
    PYTHONPATH=packaging python -m macos.floors --record   # writes what was found

A wheel's name may promise an older macOS than its files were linked for, so the name is not believed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from freeze.version import MACOS_FLOOR

ROOT = Path(__file__).resolve().parents[2]
RECORD = Path(__file__).with_name("floors.toml")
NATIVE = (
    "apsw",
    "cffi",
    "miniaudio",
    "pydantic-core",
    "pynacl",
    "pyside6-addons",
    "pyside6-essentials",
    "serialx",
    "shiboken6",
    "zxing-cpp",
)
"""The shipped packages whose wheels hold compiled files."""

TARGETS = ("arm64", "x86_64")
PYTHON = "313"
"""The Python that the Mac packages are frozen with."""

_MAGIC = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_CPUS = {0x01000007: "x86_64", 0x0100000C: "arm64"}

Floor = tuple[int, int]


def floors(file: Path) -> Iterator[tuple[str, Floor]]:
    """Read one Mach-O file: for each processor in it, the oldest macOS it was linked for."""
    from macholib.mach_o import LC_BUILD_VERSION, LC_VERSION_MIN_MACOSX  # noqa: PLC0415 - see requirements/package.txt
    from macholib.MachO import MachO  # noqa: PLC0415

    for header in MachO(str(file)).headers:
        cpu = _CPUS.get(header.header.cputype & 0xFFFFFFFF, "other")
        for load, command, _ in header.commands:
            if load.cmd == LC_BUILD_VERSION:
                packed = int(command.minos)
            elif load.cmd == LC_VERSION_MIN_MACOSX:
                packed = int(command.version)
            else:
                continue
            yield cpu, (packed >> 16, packed >> 8 & 0xFF)


def floor_of_wheel(wheel: Path, cpu: str) -> Floor | None:
    """Return the newest macOS that any file of a wheel asks for; None when no file is for this processor."""
    found: list[Floor] = []
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        for name in archive.namelist():
            data = archive.read(name)
            if not data.startswith(_MAGIC) or name.endswith(".a"):
                continue
            file = Path(folder, "file")
            file.write_bytes(data)
            found += [floor for each, floor in floors(file) if each == cpu]
    return max(found, default=None)


def pins(text: str) -> dict[str, str]:
    """Return the pinned versions of a requirements file."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.MULTILINE))


def fetch(cpu: str, folder: Path) -> list[Path]:
    """Download the wheels for one processor, as pinned and with their hashes."""
    text = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    text = re.sub(
        r" ; [^\\\n]+", " ", text
    )  # pip judges markers for the machine it runs on, not for the target
    blocks = re.findall(r"^[a-z0-9-]+==(?:.*\\\n)+.*$", text, re.MULTILINE)
    wanted = [block for block in blocks if block.partition("==")[0] in NATIVE]
    listed = folder / "wanted.txt"
    listed.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    platforms = [f"macosx_{major}_0_{kind}" for major in (15, 14, 13, 12, 11) for kind in (cpu, "universal2")]
    platforms += [f"macosx_10_{minor}_{kind}" for minor in range(16, 9, -1) for kind in (cpu, "universal2")]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--dest", str(folder), "--requirement", str(listed)]
    command += ["--python-version", PYTHON, "--implementation", "cp"]
    for abi in (f"cp{PYTHON}", "abi3", "none"):
        command += ["--abi", abi]
    for platform in platforms:
        command += ["--platform", platform]
    subprocess.run(command, check=True)
    return sorted(folder.glob("*.whl"))


def look() -> dict[str, dict[str, str]]:
    """Fetch and read all wheels. Returns the floor of each package, by processor."""
    found: dict[str, dict[str, str]] = {}
    for cpu in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            for wheel in fetch(cpu, Path(folder)):
                floor = floor_of_wheel(wheel, cpu)
                name = wheel.name.partition("-")[0].replace("_", "-")
                found.setdefault(cpu, {})[name] = "none" if floor is None else f"{floor[0]}.{floor[1]}"
    return found


def problems(found: dict[str, dict[str, str]]) -> list[str]:
    """Return what contradicts the promised macOS version."""
    said = []
    for cpu, packages in found.items():
        said += [f"{cpu}: no wheel of {name}" for name in NATIVE if name not in packages]
        for name, floor in packages.items():
            if floor == "none":
                said.append(f"{cpu}: {name} has no file for it")
            elif _numbers(floor) > _numbers(MACOS_FLOOR):
                said.append(f"{cpu}: {name} asks for macOS {floor}, promised is {MACOS_FLOOR}")
    return said


def recorded() -> dict[str, dict[str, str]]:
    """Return what was found when it was last written down."""
    return tomllib.loads(RECORD.read_text("utf-8"))


def render(found: dict[str, dict[str, str]]) -> str:
    """Return the text of ``floors.toml``."""
    lines = ["# Written by `python -m macos.floors --record`: the macOS that each wheel's files ask for."]
    for cpu, packages in sorted(found.items()):
        lines += ["", f"[{cpu}]", *(f'{name} = "{floor}"' for name, floor in sorted(packages.items()))]
    return "\n".join(lines) + "\n"


def _numbers(floor: str) -> Floor:
    major, _, minor = floor.partition(".")
    return int(major), int(minor or 0)


def main(argv: list[str]) -> int:
    """Compare or record. Returns 1 if something contradicts the promise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--record", action="store_true")
    found = look()
    said = problems(found)
    if parser.parse_args(argv).record:
        RECORD.write_text(render(found), encoding="utf-8")
    elif found != recorded():
        said.append(f"changed since it was recorded:\n{render(found)}")
    for line in said:
        sys.stderr.write(f"floors: {line}\n")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
