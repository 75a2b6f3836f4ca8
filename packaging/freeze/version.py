"""The one version, in each system's form. Its only source is ``loopdesk/__init__.py``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

BUNDLE_ID = "com.loopdesk.loopdesk"
PRODUCT = "loopdesk"
MAKER = "loopdesk"
DESCRIPTION = "loopdesk: the receiving dock's bench"
MACOS_FLOOR = "15.0"
"""The oldest macOS: the newest one that a shipped file was linked for, see ``macos/floors.py``."""

CAMERA_REASON = "Photos of returned items are taken with the camera that is chosen in Settings."
"""What a Mac shows a person when it asks whether the program may use the camera; without it, it ends it."""

_VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)
_THREE = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_MOST = (255, 255, 65535)


def read(root: Path) -> str:
    """Return the version of the checkout.

    Raises:
        ValueError: There is none, or an installer could not carry it.
    """
    found = _VERSION.search((root / "loopdesk" / "__init__.py").read_text("utf-8"))
    if found is None:
        raise ValueError("loopdesk/__init__.py names no version")
    three(found["version"])
    return found["version"]


def three(version: str) -> tuple[int, int, int]:
    """Return the three numbers of a version as Windows Installer compares them.

    Raises:
        ValueError: It is not three numbers, or one is too large for a ProductVersion.
    """
    found = _THREE.fullmatch(version)
    if found is None:
        raise ValueError(f"{version!r} is not three numbers")
    major, minor, patch = (int(part) for part in found.groups())
    if any(part > most for part, most in zip((major, minor, patch), _MOST, strict=True)):
        raise ValueError(f"{version!r} is beyond {'.'.join(map(str, _MOST))}, the most that an MSI can hold")
    return major, minor, patch


def windows_texts(program: str, version: str) -> dict[str, str]:
    """Return the texts of a Windows version resource."""
    return {
        "CompanyName": MAKER,
        "FileDescription": DESCRIPTION,
        "FileVersion": version,
        "InternalName": program,
        "LegalCopyright": "MIT License",
        "OriginalFilename": f"{program}.exe",
        "ProductName": PRODUCT,
        "ProductVersion": version,
    }


def windows_resource(program: str, root: Path) -> Any:
    """Return the version resource of a Windows program as PyInstaller takes it; only on Windows."""
    from PyInstaller.utils.win32 import versioninfo as info  # noqa: PLC0415 - made for Windows alone

    version = read(root)
    numbers = (*three(version), 0)
    texts = [info.StringStruct(name, text) for name, text in windows_texts(program, version).items()]
    return info.VSVersionInfo(
        ffi=info.FixedFileInfo(filevers=numbers, prodvers=numbers),
        kids=[
            info.StringFileInfo([info.StringTable("040904B0", texts)]),
            info.VarFileInfo([info.VarStruct("Translation", [0x0409, 1200])]),
        ],
    )


def info_plist(root: Path) -> dict[str, object]:
    """Return what the Info.plist of the macOS bundle says besides what PyInstaller writes."""
    version = read(root)
    return {
        "CFBundleDisplayName": PRODUCT,
        "CFBundleName": PRODUCT,
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundleDevelopmentRegion": "en",
        "NSCameraUsageDescription": CAMERA_REASON,
        "LSApplicationCategoryType": "public.app-category.business",
        "LSMinimumSystemVersion": MACOS_FLOOR,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "MIT License",
    }
