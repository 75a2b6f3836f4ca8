"""Makes the Windows program under wine: our own bootloader, then the frozen folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from windows.msi import COMPILER, ROOT
from windows.running import Runner, expect
from windows.wine import Wine, z

KINDS = ("run.exe", "runw.exe")
"""The bootloader of a program with a console, and of one with a window."""


def bootloader(runner: Runner, source: Path, interpreter: Path) -> str:
    """Compile PyInstaller's bootloader, and put it in the place of the one that everybody has.

    Virus scanners know the shipped one from malware that was packed with it; ours is unique.

    Args:
        source: PyInstaller's source.
        interpreter: The Python whose PyInstaller gets it.
    """
    kinds = ("release", "releasew")
    steps = [f"{does}_{kind}" for does in ("build", "install") for kind in kinds]
    waf = ("python3", "./waf", "distclean", "configure", *steps)
    options = (f"CC={COMPILER}", "CFLAGS=-static")
    runner.run(*waf, *options, folder=source / "bootloader", limit=900)
    made = source / "PyInstaller" / "bootloader" / "Windows-64bit-intel"
    shipped = interpreter / "Lib" / "site-packages" / "PyInstaller" / "bootloader" / made.name
    for kind in KINDS:
        expect((made / kind).read_bytes() != (shipped / kind).read_bytes(), f"{kind} is the shipped one")
        shutil.copy(made / kind, shipped / kind)
    return ", ".join(f"{kind} {(made / kind).stat().st_size // 1024} KB" for kind in KINDS)


def freeze(wine: Wine, interpreter: Path, frozen: Path, work: Path) -> str:
    """Run PyInstaller for Windows over a copy of the checkout's own files.

    Args:
        interpreter: Windows' Python with the libraries of the lock.
        frozen: The folder that is made.
    """
    source = work / "source"
    for path in (source, frozen):
        shutil.rmtree(path, ignore_errors=True)
    compiled = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("loopdesk", "packaging", "requirements", "resources"):
        shutil.copytree(ROOT / name, source / name, ignore=compiled)
    shutil.copy(ROOT / "LICENSE", source)
    places = ("--distpath", z(frozen.parent), "--workpath", z(work / "analysis"))
    command = ("-X", "utf8", "-m", "PyInstaller", "--noconfirm", "--clean", *places)
    wine.run(z(interpreter / "python.exe"), *command, z(source / "packaging" / "loopdesk.spec"), limit=1200)
    files = [path for path in frozen.rglob("*") if path.is_file()]
    return f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB"
