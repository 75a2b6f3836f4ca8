"""Makes the Debian package of the frozen folder: ``python -m freeze.deb``. Needs ``dpkg-deb``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from freeze import build, contents, version

LINUX = build.ROOT / "packaging" / "linux"
ICONS = build.ROOT / "packaging" / "icon"
MEGABYTES = 54
"""The largest size allowed for the package: 0.7 MB of it for WebP's reader, practice pictures and sounds."""

COMPRESSION = ("-Zzstd", "-z10")
"""Debian 12 and newer read it; the best of xz is a fifth smaller and takes fifteen times as long."""

PROGRAM = "/usr/lib/loopdesk/loopdesk"
"""Where the program is once it is installed."""

BESIDES = ("libgcc-s1", "libstdc++6")
"""What every desktop has; required explicitly all the same."""


def packages() -> list[str]:
    """Return the Debian packages that hold the libraries of linux/system-libraries.txt."""
    lines = (LINUX / "system-libraries.txt").read_text("utf-8").splitlines()
    return sorted({line.split()[1] for line in lines if line and not line.startswith("#")})


def newest_libc(asked: Iterable[str]) -> str:
    """Return the newest version of the C library among the symbol versions that files ask for."""
    numbers = [name.removeprefix("GLIBC_").split(".") for name in asked if name.startswith("GLIBC_2.")]
    return ".".join(str(part) for part in max(tuple(int(part) for part in number) for number in numbers))


def control(version_: str, architecture: str, libc: str, kilobytes: int) -> str:
    """Return the package's control file."""
    depends = ", ".join([f"libc6 (>= {libc})", *BESIDES, *packages()])
    return "\n".join(
        (
            "Package: loopdesk",
            f"Version: {version_}",
            f"Architecture: {architecture}",
            "Maintainer: loopdesk",
            "Section: misc",
            "Priority: optional",
            f"Installed-Size: {kilobytes}",
            f"Depends: {depends}",
            "Recommends: ca-certificates, fonts-dejavu-core, gnome-keyring | kwalletmanager",
            "Description: the receiving dock's bench for Loop Returns",
            " An operator scans a parcel label, grades each line, and one confirmation settles",
            " the return. Works without network for hours and keeps everything that was entered.",
            "",
        )
    )


def symbols(folder: Path) -> set[str]:
    """Return the symbol versions that the files of a folder require of other libraries."""
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 - only the freezer has it
    from elftools.elf.gnuversions import GNUVerNeedSection  # noqa: PLC0415

    found: set[str] = set()
    for place in contents.places(folder):
        with (folder / place).open("rb") as opened:
            if opened.read(4) != b"\x7fELF":
                continue
            for section in ELFFile(opened).iter_sections():
                if isinstance(section, GNUVerNeedSection):
                    found |= {one.name for _, versions in section.iter_versions() for one in versions}
    return found


def lay_out(frozen: Path, root: Path) -> None:
    """Put every file where it will be on the machine."""
    shutil.copytree(frozen, root / "usr/lib/loopdesk", symlinks=True)
    places = {
        LINUX / "loopdesk.desktop": "usr/share/applications/loopdesk.desktop",
        ICONS / "loopdesk.svg": "usr/share/icons/hicolor/scalable/apps/loopdesk.svg",
        ICONS / "loopdesk-48.png": "usr/share/icons/hicolor/48x48/apps/loopdesk.png",
        ICONS / "loopdesk-256.png": "usr/share/icons/hicolor/256x256/apps/loopdesk.png",
        build.ROOT / "LICENSE": "usr/share/doc/loopdesk/copyright",
    }
    for source, place in places.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, root / place)
    (root / "usr/bin").mkdir()
    (root / "usr/bin/loopdesk").symlink_to("../lib/loopdesk/loopdesk")
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.name == "loopdesk"
            path.chmod(0o755 if runs else 0o644)


def maintainer_script(program: str = PROGRAM) -> str:
    """Return the script that asks, before the package is replaced or removed, whether the program is open."""
    return (LINUX / "while-open.sh").read_text("utf-8").replace("@PROGRAM@", program)


def main() -> int:
    """Make the package. Returns 1 if it is larger than allowed."""
    said = version.read(build.ROOT)
    architecture = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    package = build.BUILD / f"loopdesk_{said}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="loopdesk-deb-") as name:
        root = Path(name)
        lay_out(build.FROZEN, root)
        kilobytes = round(contents.size(root) * contents.MEGABYTE / 1024)
        (root / "DEBIAN").mkdir(mode=0o755)
        text = control(said, architecture, newest_libc(symbols(build.FROZEN)), kilobytes)
        (root / "DEBIAN/control").write_text(text, encoding="utf-8")
        for moment in ("preinst", "prerm"):
            script = root / "DEBIAN" / moment
            script.write_text(maintainer_script(), encoding="utf-8")
            script.chmod(0o755)
        command = ["dpkg-deb", "--root-owner-group", *COMPRESSION, "--build", str(root), str(package)]
        # Files of one time make the same package of the same sources.
        stamp = subprocess.check_output(["git", "log", "-1", "--format=%ct"], cwd=build.ROOT, text=True)
        environ = {**os.environ, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", stamp.strip())}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environ)
    megabytes = package.stat().st_size / contents.MEGABYTE
    print(f"deb: {megabytes:.1f} MB in {package.relative_to(build.ROOT)}")
    if megabytes > MEGABYTES:
        print(f"deb: that is more than {MEGABYTES} MB", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
