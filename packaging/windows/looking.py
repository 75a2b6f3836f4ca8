"""Inspects the frozen folder and the MSI as files, before anything is installed."""

from __future__ import annotations

import filecmp
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pefile
from freeze import build, contents, version

from windows import msi as package
from windows.msi import MSI_MB, ROOT
from windows.running import expect

PROGRAMS = ("loopdesk.exe", "loopdesk-cli.exe")

UNSIGNED = frozenset(
    {
        *PROGRAMS,
        "_internal/_cffi_backend.cp311-win_amd64.pyd",
        "_internal/_miniaudio.pyd",
        "_internal/apsw/__init__.cp311-win_amd64.pyd",
        "_internal/nacl/_sodium.pyd",
        "_internal/pydantic_core/_pydantic_core.cp311-win_amd64.pyd",
        "_internal/pywin32_system32/pywintypes311.dll",
        "_internal/serialx/_serialx_rust.pyd",
        "_internal/win32/_win32sysloader.pyd",
        "_internal/win32/win32api.pyd",
        "_internal/win32/win32cred.pyd",
        "_internal/win32/win32event.pyd",
        "_internal/win32/win32evtlog.pyd",
        "_internal/win32/win32file.pyd",
        "_internal/zxingcpp/zxingcpp.cp311-win_amd64.pyd",
    }
)
"""What comes without its maker's signature and is signed by us; Qt's, Python's and Microsoft's files are."""

GUI, CONSOLE = 2, 3
_MANIFEST = 24
_SIGNATURE = pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_SECURITY"]


def binaries(folder: Path) -> Iterator[Path]:
    """Find the programs and libraries of Windows in a folder, whatever they are called."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as start:
                if start.read(2) == b"MZ":
                    yield path


def is_signed(file: Path) -> bool:
    """Whether a file holds a signature; not whether it is valid."""
    with pefile.PE(str(file), fast_load=True) as binary:
        return bool(binary.OPTIONAL_HEADER.DATA_DIRECTORY[_SIGNATURE].Size)


def unsigned(folder: Path) -> frozenset[str]:
    """Return the places of the files without a signature."""
    return frozenset(x.relative_to(folder).as_posix() for x in binaries(folder) if not is_signed(x))


def look_at_folder(folder: Path, warnings: Path) -> str:
    """Inspect the frozen folder as PyInstaller left it.

    Args:
        warnings: What PyInstaller wrote about missing modules.
    """
    wrong = list(build.problems(folder, warnings, "windows"))
    expect(not wrong, "; ".join(wrong))
    found = unsigned(folder)
    expect(found == UNSIGNED, f"unsigned besides or not {sorted(found ^ UNSIGNED)}")
    for name in PROGRAMS:
        look_at_program(folder / name)
    most = contents.allowed("windows").megabytes
    return f"{contents.size(folder):.1f} MB of {most}, no library missing, {len(found)} files to sign"


def look_at_program(file: Path) -> None:
    """Inspect what Windows and virus scanners read of a program before they run it."""
    with pefile.PE(str(file)) as binary:
        expect(binary.OPTIONAL_HEADER.CheckSum and binary.verify_checksum(), f"{file.name}: wrong checksum")
        wanted = CONSOLE if file.stem.endswith("-cli") else GUI
        expect(binary.OPTIONAL_HEADER.Subsystem == wanted, f"{file.name}: wrong subsystem")
        kinds = {entry.id for entry in binary.DIRECTORY_ENTRY_RESOURCE.entries}
        icon, group = 3, 14
        expect({icon, group} <= kinds, f"{file.name} has no icon")
        manifest = _manifest(binary)
        for word in ('level="asInvoker"', "longPathAware", "{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"):
            expect(word in manifest, f"{file.name}: the manifest does not say {word}")
        texts = version_texts(binary)
    numbers = version.read(ROOT)
    expect(
        texts == version.windows_texts(file.stem, numbers), f"{file.name}: the version resource is {texts}"
    )


def _manifest(binary: Any) -> str:
    for kind in binary.DIRECTORY_ENTRY_RESOURCE.entries:
        if kind.id == _MANIFEST:
            place = kind.directory.entries[0].directory.entries[0].data.struct
            return str(binary.get_data(place.OffsetToData, place.Size).decode("utf-8"))
    return ""


def version_texts(binary: Any) -> dict[str, str]:
    """Return the texts of a program's version resource."""
    return {
        key.decode(): value.decode()
        for info in binary.FileInfo[0]
        if info.Key == b"StringFileInfo"
        for table in info.StringTable
        for key, value in table.entries.items()
    }


def look_at_msi(msi: Path, folder: Path, numbers: str, work: Path) -> str:
    """Read an MSI back: its identity, the order of its actions, and the very files of the folder."""
    megabytes = msi.stat().st_size / 1e6
    expect(megabytes <= MSI_MB, f"the MSI has {megabytes:.1f} MB, more than {MSI_MB:g}")
    said = package.properties(msi)
    wanted = {
        "ALLUSERS": "1",
        "ProductName": "loopdesk",
        "ProductVersion": numbers,
        "UpgradeCode": package.UPGRADE_CODE,
    }
    expect(wanted.items() <= said.items(), f"the properties are {dict(said)}")
    expect(said["ProductCode"] == said["ProductCode"].upper(), "Windows wants GUIDs in capitals")
    places = {row[0]: int(row[2]) for row in package.table(msi, "InstallExecuteSequence")}
    expect(package.SEQUENCE.items() <= places.items(), f"the order is {places}")
    conditions = {row[0]: row[4] for row in package.table(msi, "Component")}
    expect(package.CONDITIONS.items() <= conditions.items(), "conditions of components are missing")
    inside = package.extract(msi, work)
    different = _differences(filecmp.dircmp(inside, folder))
    expect(not different, f"not the files of the folder: {different}")
    files = len(package.table(msi, "File"))
    expect(files == sum(1 for x in folder.rglob("*") if x.is_file()), f"the MSI lists {files} files")
    return f"{megabytes:.1f} MB of {MSI_MB:g}, {files} files, the same as in the folder"


def _differences(compared: filecmp.dircmp[str]) -> list[str]:
    found = [*compared.left_only, *compared.right_only, *compared.diff_files, *compared.funny_files]
    return found + [name for below in compared.subdirs.values() for name in _differences(below)]
