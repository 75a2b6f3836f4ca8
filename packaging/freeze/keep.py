"""Which library files go into the frozen program: of Qt, only what is named here.

A name is a file's place in the frozen folder, below ``_internal``, with forward slashes. Nothing but Qt's
own files is judged; everything else that PyInstaller found is needed by some import.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

COMPILING = ("cffi", "pycparser")
"""What compiles extensions. Those that the program has are compiled, and need ``_cffi_backend`` alone; the
access to Windows' credentials, which would prefer cffi, goes by ctypes where there is none."""

NOT_IMPORTED = (
    *COMPILING,
    "win32ctypes.core.cffi",  # that access by cffi
    "distutils",  # what compiles extensions from Python's own library
    "_pydecimal",  # decimal numbers where they are not compiled
    # A server's part, installed as loopdesk[hub].
    "loopdesk.hub",
    "psycopg",
    "psycopg_pool",
    "prometheus_client",
    # Found by PyInstaller in branches that are never taken here.
    "tkinter",
    "unittest",
    "pydoc",
    "doctest",
    "lib2to3",
    "setuptools",
    "pip",
    "rich",
    "pygments",
    "httpx._main",
    "pydantic.v1",
    "pydantic.mypy",
    "mypy",
    "hypothesis",
    "websockets",
    "watchfiles",
    "uvloop",
    "httptools",
    "yaml",
    "trio",
    "numpy",
    "PIL",
)

ENGLISH = "en"
"""The language of the source, which needs no words of Qt's."""

IMPORTED_BY_NAME = ("PySide6.QtMultimedia",)
"""What the program asks for by name when it first needs it, so that no import shows it to PyInstaller. It is
there where its wheel is: not in the package for Linux."""

IMPORTED_BY_COMPILED = ("_cffi_backend",)
"""What compiled libraries import (those that encrypt, and that play sounds), which shows to PyInstaller as
little."""

MODULES = ("Core", "Gui", "Widgets", "Svg", "Network", "Test", "Multimedia")
"""The Qt modules that the program imports, without their prefix."""

LIBRARIES = (*MODULES, "DBus", "XcbQpa", "WaylandClient", "Concurrent")
"""Those, and what the plugins that are kept need besides."""

PLUGINS = {
    "platforms": ("windows", "cocoa", "xcb", "wayland", "offscreen"),
    "imageformats": ("svg", "jpeg", "webp", "ico", "icns"),
    "iconengines": ("svgicon",),
    "styles": ("modernwindowsstyle", "windowsvistastyle", "macstyle"),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": ("bradient",),
    "multimedia": ("windowsmediaplugin", "darwinmediaplugin"),
}
"""The plugins that are kept, by folder. JPEG is for photos, WebP for products; PNG is in Qt itself. Cameras
are read by the system's own means: the other plugin for them would bring FFmpeg."""

BUNDLED = ("libpython3", "libssl.", "libcrypto.", "libffi.", "libexpat.", "libbz2.", "liblzma.", "libuuid.")
"""What of a Linux system goes along: the interpreter and what only it needs. The rest is the package's to ask
for (``linux/system-libraries.txt``): a copy of, say, libstdc++ would stand before the newer one that the
system's own drivers need."""

_LIBRARY = re.compile(
    r"(?:lib)?Qt6?(?P<name>[A-Z]\w*?)(?:\.so(?:\.\d+)*|\.dll|\.framework|\.abi3\.so|\.pyd|\.pyi?)?$"
)
_PLUGIN_FILE = re.compile(r"(?:lib)?q?(?P<name>[\w-]+?)(?:\.so|\.dll|\.dylib)$")
_SYSTEMS_OWN = re.compile(
    r"api-ms-win-|ext-ms-|(?:opengl32sw|d3dcompiler_\d+|dxcompiler|dxil)\.dll$", re.IGNORECASE
)
_FFMPEG = re.compile(r"(?:lib)?(?:avcodec|avformat|avutil|swresample|swscale)[-.]")
# What a wheel says about itself goes along where some code reads it; its licence has a place of its own.
_ABOUT = ("METADATA", "entry_points.txt")


def is_kept(place: str, languages: frozenset[str]) -> bool:
    """Whether a file that PyInstaller found belongs in the frozen folder.

    Args:
        place: Where it would be, with any system's path separators.
        languages: The languages that the program ships.
    """
    path = PurePosixPath(place.replace("\\", "/"))
    if _SYSTEMS_OWN.match(path.name):
        return False
    about, is_about, rest = path.as_posix().partition(".dist-info/")
    if is_about and about:
        return rest in _ABOUT
    if len(path.parts) == 1 and ".so" in path.suffixes and path.name.startswith("lib"):
        return path.name.startswith(BUNDLED)
    if "PySide6" not in path.parts:
        return _is_kept_library(path)
    if "plugins" in path.parts:
        return _is_kept_plugin(path)
    if "translations" in path.parts:
        return path.name in {f"qtbase_{language}.qm" for language in languages - {ENGLISH}}
    if "qml" in path.parts or "resources" in path.parts:
        return False
    return _is_kept_library(path)


def _is_kept_library(path: PurePosixPath) -> bool:
    """Whether a library is not Qt's, or one of those that are kept; frameworks are recognized by their
    folder. FFmpeg came with the plugin that asks for it."""
    if _FFMPEG.match(path.name):
        return False
    named = next((part for part in path.parts if part.endswith(".framework")), path.name)
    found = _LIBRARY.match(named)
    return found is None or found["name"] in LIBRARIES


def _is_kept_plugin(path: PurePosixPath) -> bool:
    found = _PLUGIN_FILE.match(path.name)
    return found is not None and found["name"] in PLUGINS.get(path.parent.name, ())


def own_files(root: Path) -> list[tuple[str, str]]:
    """List the program's own files that are not Python: where each is, and the folder it goes into."""
    shipped = [path for path in (root / "resources").rglob("*") if path.suffix != ".py"]
    own, hub = root / "loopdesk", root / "loopdesk" / "hub"
    beside = [
        path for path in own.rglob("*") if path.suffix not in (".py", ".pyc") and hub not in path.parents
    ]
    shipped = [path for path in shipped if path.suffix != ".po"]  # what a translator writes; the .mo is read
    files = sorted(path for path in (*shipped, *beside) if path.is_file())
    return [(str(path), path.parent.relative_to(root).as_posix()) for path in files]


def shipped_languages(root: Path) -> frozenset[str]:
    """Return the languages of the program: English, and each that has a catalogue."""
    catalogues = (root / "resources" / "locales").glob("*/LC_MESSAGES/loopdesk.mo")
    return frozenset({ENGLISH, *(path.parent.parent.name for path in catalogues)})
