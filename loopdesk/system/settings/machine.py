r"""What IT pushed to this machine: a settings file for all who work here and, on Windows, the registry.

====================================  ==================================================================
``…\Policies\loopdesk`` (Windows)      one value a setting, named by its dotted key; locked
the machine's file                     settings as in a profile, and ``locked``: all, or a list of keys
``…\Software\loopdesk`` (Windows)      what the installer was told; ``settings_file`` names the machine's file
====================================  ==================================================================

What is locked wins over everything; the rest stands in where a profile says nothing. A key or table that is
locked by its name is locked whole: what nobody here gave a value to is held at its default.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings.given import given, validated
from loopdesk.system.settings.model import KNOWN_KEYS, SECTIONS, setting
from loopdesk.system.settings.toml import LastKnownGood, flatten, nearest

MACHINE_VARIABLE = "LOOPDESK_MACHINE_SETTINGS"
"""Names another file than the machine's own, to try one out before it is pushed."""

LOCKED = "locked"
"""The key of the machine's file for what a station cannot change: true for everything set there, or a list of
keys and tables.
"""

FILE_VALUE = "settings_file"
"""The registry value that names the machine's file."""

POLICY_FOLDER = r"Software\Policies\loopdesk"
INSTALLED_FOLDER = r"Software\loopdesk"

Registry = Callable[[str], Mapping[str, str]]
"""Reads the values of a key below HKEY_LOCAL_MACHINE as texts; empty if it does not exist."""


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """What was pushed, by dotted key.

    Attributes:
        offered: Used where the profile says nothing.
        locked: Overrides everything.
        file: The machine's file, whether it exists or not.
        problem: Why that file was not used and its last good copy was.
        unknown: Names in the policies that are not settings of this version.
    """

    offered: Mapping[str, Any] = field(default_factory=dict)
    locked: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = None
    problem: SettingsWrong | None = None
    unknown: tuple[str, ...] = ()


def read_machine_settings(
    profile: Profile, environ: Mapping[str, str], registry: Registry
) -> MachineSettings:
    """Read everything that was pushed.

    Args:
        profile: Keeps the last good copy of the machine's file.

    Raises:
        SettingsWrong: A value is wrong; or the file cannot be used and there is no copy.
    """
    policies, installed = registry(POLICY_FOLDER), registry(INSTALLED_FOLDER)
    file = machine_file(environ, policies.get(FILE_VALUE) or installed.get(FILE_VALUE) or "")
    text = LastKnownGood(file, profile.last_good_machine_file, _checked)
    tree, problem = text.read()
    wish = tree.pop(LOCKED, [])
    told, flat = _values(installed, INSTALLED_FOLDER), flatten(tree, SECTIONS)
    offered = {**told, **flat}
    locked = {key: offered.pop(key, setting(key).default) for key in locked_keys(flat, wish, file)}
    return MachineSettings(
        offered=offered,
        locked={**locked, **_values(policies, POLICY_FOLDER)},
        file=file,
        problem=problem,
        unknown=tuple(sorted(name for name in policies if name not in KNOWN_KEYS | {FILE_VALUE})),
    )


def machine_file(environ: Mapping[str, str], registered: str, platform: str = sys.platform) -> Path:
    """Return the path of this machine's settings file.

    Args:
        registered: The file named in the registry, or "".
        platform: As ``sys.platform``.
    """
    named = environ.get(MACHINE_VARIABLE, "").strip() or registered
    if named:
        return Path(named)
    match platform:
        case "win32":
            return Path(environ.get("PROGRAMDATA", r"C:\ProgramData")) / "loopdesk" / "settings.toml"
        case "darwin":
            return Path("/Library/Application Support/loopdesk/settings.toml")
        case _:
            return Path("/etc/loopdesk/settings.toml")


def read_registry(folder: str) -> Mapping[str, str]:
    """Read a key of the machine's registry; empty except on Windows."""
    if sys.platform == "win32":
        return _registry_values(folder)
    return {}


if sys.platform == "win32":
    import winreg

    def _registry_values(folder: str) -> Mapping[str, str]:
        """Read the 64-bit view, whatever this program was built for."""
        found: dict[str, str] = {}
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, folder, access=access) as opened:
                for number in range(winreg.QueryInfoKey(opened)[1]):
                    name, value, kind = winreg.EnumValue(opened, number)
                    if kind == winreg.REG_EXPAND_SZ:
                        value = os.path.expandvars(str(value))
                    found[name] = ", ".join(value) if isinstance(value, list) else str(value)
        except FileNotFoundError:
            return {}
        except OSError as error:
            why = error.strerror or ""
            raise SettingsWrong("registry_unreadable", file=f"HKLM\\{folder}", error=why) from error
        return found


def _values(texts: Mapping[str, str], folder: str) -> dict[str, Any]:
    """Validate the values of a registry key that are settings and not empty."""
    return {
        key: given(setting(key), text.strip(), f"HKLM\\{folder}")
        for key, text in texts.items()
        if key in KNOWN_KEYS and text.strip()
    }


def _checked(text: str, file: Path) -> dict[str, Any]:
    """Parse and validate the machine's file.

    Raises:
        SettingsWrong: With the line and the key of the first mistake.
    """
    tree = validated(text, file, frozenset({LOCKED}))
    locked_keys({}, tree.get(LOCKED, []), file)
    return tree


def locked_keys(flat: Mapping[str, Any], wish: Any, file: Path, line: int = 0) -> list[str]:
    """List every locked setting: all that the file sets, or all that a list names, set or not.

    Args:
        flat: What the file sets, by dotted key.
        wish: The value of ``locked``.
        line: On which it is, 0 if unknown.

    Raises:
        SettingsWrong: It is neither true nor a list of keys and tables.
    """
    if isinstance(wish, bool):
        return list(flat) if wish else []
    if not isinstance(wish, list):
        raise SettingsWrong("must_be_true_or_keys", file=str(file), line=line, key=LOCKED)
    known = KNOWN_KEYS | SECTIONS
    for name in wish:
        if not isinstance(name, str) or name not in known:
            near = nearest(str(name), known)
            values = {"name": str(name), "near": near}
            raise SettingsWrong("names_no_setting", file=str(file), line=line, key=LOCKED, **values)
    return sorted(key for key in KNOWN_KEYS if key in wish or key.rpartition(".")[0] in wish)
