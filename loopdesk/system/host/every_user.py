"""The bench profiles of all users of this machine, for an installer that runs as none of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from loopdesk.system.host.paths import Profile

_BELOW_HOME = {
    "win32": "AppData/Local/loopdesk/bench",
    "darwin": "Library/Application Support/loopdesk/bench",
}
_BELOW_OTHER_HOMES = ".local/share/loopdesk/bench"


def bench_profiles(homes: Iterable[Path], platform: str = sys.platform) -> tuple[Profile, ...]:
    """Return the profiles below these home folders; an unreadable home has none.

    Args:
        homes: The users' home folders.
        platform: As ``sys.platform``.
    """
    below = _BELOW_HOME.get(platform, _BELOW_OTHER_HOMES)
    return tuple(Profile(home / below) for home in sorted(set(homes)) if _is_folder(home / below))


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # another user's home, closed to us
        return False


if sys.platform == "win32":
    import os
    import winreg

    _PROFILES = r"Software\Microsoft\Windows NT\CurrentVersion\ProfileList"

    def homes() -> tuple[Path, ...]:
        """Return the home folders of all users known to Windows, and of the current user."""
        found = [Path.home()]
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _PROFILES, access=access) as users:
            for number in range(winreg.QueryInfoKey(users)[0]):
                with winreg.OpenKey(users, winreg.EnumKey(users, number)) as user:
                    found += _path_of(user)
        return tuple(found)

    def _path_of(user: winreg.HKEYType) -> list[Path]:
        try:
            return [Path(os.path.expandvars(str(winreg.QueryValueEx(user, "ProfileImagePath")[0])))]
        except FileNotFoundError:
            return []
else:
    import pwd

    def homes() -> tuple[Path, ...]:
        """Return the home folders of all users known to the system."""
        return tuple(Path(user.pw_dir) for user in pwd.getpwall())
