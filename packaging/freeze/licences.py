"""Collects the license texts of everything that is shipped; a missing one stops the build.

A library brings its own text, in what pip keeps about it. What does not, or has more inside than it says, has
one in ``packaging/licences``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "licences"

BY_HAND = {
    # The lesser one is written as an addition to the other.
    "pyside6-addons": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt"),
    "python": ("PSF.txt",),
    # What its wheel has inside: the writer of codes and the bindings.
    "zxing-cpp": ("zint.txt", "nanobind.txt"),
}
"""The texts in ``packaging/licences`` of what a library does not bring itself."""

OURS = ("loopdesk", "pyinstaller", "python")
"""What is shipped besides the libraries that the program asks for."""

PLATFORMS = {"linux": ("linux", "Linux"), "windows": ("win32", "Windows"), "macos": ("darwin", "Darwin")}
"""``sys.platform`` and ``platform.system()`` of each system."""

_PIN = re.compile(r"^(?P<name>[\w.-]+)==[^\s;]+(?: ; (?P<marker>[^\\\n]+))?", re.MULTILINE)
_PLACE = re.compile(r"(?:^|/)licences/([^/]+)/[^/]+$")
_TEXT = re.compile(r"(?:licen[cs]e|copying|notice)[^/]*$", re.IGNORECASE)


def shipped(root: Path) -> Iterator[metadata.Distribution]:
    """Give every library that the program runs with on this system, out of requirements/run.txt."""
    for found in _PIN.finditer((root / "requirements" / "run.txt").read_text("utf-8")):
        try:
            yield metadata.distribution(found["name"])
        except metadata.PackageNotFoundError:
            continue  # it is for another system


def texts_of(library: metadata.Distribution) -> list[Path]:
    """Return the licence texts of a library.

    Raises:
        ValueError: It has none, and none is kept by hand.
    """
    by_hand = [HERE / name for name in BY_HAND.get(library.name.casefold().replace("_", "-"), ())]
    own = [
        Path(str(file.locate()))
        for file in library.files or ()
        if ".dist-info/" in file.as_posix() and _TEXT.match(file.name)
    ]
    if not own and not by_hand:
        raise ValueError(f"{library.name} has no licence text; put one into packaging/licences")
    return own + by_hand


def collect(root: Path, binaries: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """List every licence text: where it is, and its place in the frozen folder.

    Args:
        binaries: What is copied from the system: its place in the folder, and where it comes from.
    """
    found = {library.name: texts_of(library) for library in shipped(root)}
    found["pyinstaller"] = texts_of(metadata.distribution("pyinstaller"))
    found["python"] = [HERE / name for name in BY_HAND["python"]]
    found["loopdesk"] = [root / "LICENSE"]
    found |= {name: [text] for name, text in of_debian(source for _, source in binaries)}
    return [
        (f"licences/{name}/{file_name(text)}", str(text))
        for name, texts in sorted(found.items(), key=lambda item: item[0].casefold())
        for text in texts
    ]


def file_name(text: Path) -> str:
    """Return the name of a text in the folder; a library may bring several of one name, each in a folder."""
    below = text.as_posix().partition(".dist-info/licenses/")[2]
    return below.replace("/", "-") or text.name


def wanted(root: Path, system: str) -> list[str]:
    """Name everything that the folder of a system holds and that must have its text there.

    Args:
        system: Any, whatever this runs on; the pins of requirements/run.txt say for which they are.
    """
    from packaging.markers import Marker  # noqa: PLC0415 - only where a folder is looked at

    platform, name = PLATFORMS[system]
    there = {"sys_platform": platform, "platform_system": name}
    pins = _PIN.finditer((root / "requirements" / "run.txt").read_text("utf-8"))
    shipped_there = [
        found["name"]
        for found in pins
        if not found["marker"] or Marker(found["marker"].strip()).evaluate(there)
    ]
    return sorted([*shipped_there, *OURS])


def absent(places: Iterable[str], root: Path, system: str) -> Iterator[str]:
    """Return what is shipped in a folder without a license text.

    Args:
        places: Of all files of the folder.
    """
    found = {_plain(match[1]) for place in places if (match := _PLACE.search(place))}
    for name in wanted(root, system):
        if _plain(name) not in found:
            yield f"{name} has no licence text in the folder"


def _plain(name: str) -> str:
    """Normalize a package's name, so that all its spellings compare equal."""
    return re.sub(r"[-_.]+", "-", name).casefold()


def of_debian(sources: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Give the Debian packages that libraries were copied from, with what Debian says of their rights."""
    if shutil.which("dpkg-query") is None:
        return
    for source in sources:
        real = Path(source).resolve()
        if real.parts[1:2] not in (("usr",), ("lib",)) or real.is_relative_to("/usr/local"):
            continue
        # The database may still name the place that is a link today.
        for place in (real, Path("/", *real.parts[2:])):
            said = subprocess.run(
                ["dpkg-query", "--search", str(place)], capture_output=True, text=True, check=False
            )
            if said.returncode == 0:
                package = said.stdout.partition(":")[0]
                yield package, Path("/usr/share/doc") / package / "copyright"
                break
