"""File locations, of a station's profile and of all users'; and small files written atomically."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from urllib.parse import quote

import loopdesk
from loopdesk.domain.errors import SettingsWrong, ValueWrong

PROFILE_VARIABLE = "LOOPDESK_PROFILE"
PRACTICE = "practice"

_SYNC_FOLDERS = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud drive",
    "mobile documents",
    "nextcloud",
)
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "fuse.sshfs", "davfs"})


@dataclass(frozen=True, slots=True)
class Profile:
    """The folder of one station: settings, store, lock, logs and photos. At most one running copy uses it."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        """The settings file that a person or IT writes."""
        return self.folder / "settings.toml"

    @property
    def last_good_settings_file(self) -> Path:
        """The last settings known to work, used if the file is damaged."""
        return self.folder / "settings.last-good.toml"

    @property
    def last_good_machine_file(self) -> Path:
        """The last known good copy of the machine-wide settings file."""
        return self.folder / "machine-settings.last-good.toml"

    @property
    def hub_settings_file(self) -> Path:
        """The last usable settings that the site's hub gave; written by the program."""
        return self.folder / "settings.from-hub.toml"

    @property
    def lock_file(self) -> Path:
        """The file whose kernel lock says that a copy is running."""
        return self.folder / "loopdesk.lock"

    @property
    def store_folder(self) -> Path:
        """The folder of the database, its backups and its reserve."""
        return self.folder / "store"

    @property
    def log_folder(self) -> Path:
        """The folder of the rotating log."""
        return self.folder / "logs"

    @property
    def photo_folder(self) -> Path:
        """The folder of photos, named by their content."""
        return self.folder / "photos"

    def photo(self, name: str) -> Path:
        """Return where a photo is, by the name under which it is kept."""
        return self.photo_folder / name

    @property
    def evidence_folder(self) -> Path:
        """The folder of the evidence sheets that the window wrote."""
        return self.folder / "evidence"

    def evidence(self, return_id: str) -> Path:
        """Return where the sheet of a return is; whatever signs its id has, it names one file there."""
        return self.evidence_folder / f"return-{quote(return_id, safe='')}.pdf"

    @property
    def picture_folder(self) -> Path:
        """The folder of small product pictures, which may be deleted at any time."""
        return self.folder / "pictures"

    @property
    def gun_file(self) -> Path:
        """What this station has learned about its scanner's speed."""
        return self.folder / "gun.json"

    @property
    def tally_file(self) -> Path | None:
        """Where the store counts its changes outside the profile, so that a restored older copy is detected.

        One file per profile in the system's state directory. Practice mode starts over each time and has
        none, nor does a user without a home.
        """
        if self.folder.name == PRACTICE:
            return None
        import hashlib  # noqa: PLC0415 - not for commands that open no store

        import platformdirs  # noqa: PLC0415 - as above

        place = Path(platformdirs.user_state_dir("loopdesk", appauthor=False))
        name = hashlib.sha256(os.path.normcase(self.folder.resolve()).encode("utf-8", "surrogatepass"))
        return place / "tally" / name.hexdigest()[:32] if place.is_absolute() else None

    @property
    def practice(self) -> Profile:
        """The profile of practice mode, completely separate from this one."""
        return self if self.folder.name == PRACTICE else Profile(self.folder.with_name(PRACTICE))

    def create(self) -> None:
        """Create the folders, accessible to this user only.

        Raises:
            SettingsWrong: The folder cannot be created or written, is synchronized with a cloud, or is on a
                network drive; a database there can be corrupted by the synchronization.
        """
        risk = folder_risk(self.folder)
        if risk is not None:
            raise SettingsWrong(risk, file=str(self.folder), key="profile")
        try:
            for folder in (self.folder, self.store_folder, self.log_folder, self.photo_folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _make_private(folder)
        except OSError as error:
            why = error.strerror or ""
            raise SettingsWrong("folder_unusable", file=str(self.folder), key="profile", error=why) from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise SettingsWrong("folder_unwritable", file=str(self.folder), key="profile")


def choose_profile(argument: str | None, environ: Mapping[str, str], *, practice: bool = False) -> Profile:
    """Choose the profile: ``--profile``, then ``LOOPDESK_PROFILE``, then the system's data folder.

    Args:
        argument: The folder given on the command line, or None.
        environ: The environment.
        practice: Whether practice mode is wanted. It never shares a folder with the bench: inside an
            explicitly named folder it uses ``practice``.
    """
    named = argument or environ.get(PROFILE_VARIABLE, "").strip()
    if named:
        folder = Path(named).expanduser().absolute()
        return Profile(folder / PRACTICE if practice else folder)
    import platformdirs  # noqa: PLC0415 - only where no folder was named

    base = Path(platformdirs.user_data_dir("loopdesk", appauthor=False, roaming=False))
    return Profile(base / (PRACTICE if practice else "bench"))


def folder_risk(folder: Path, mounts: str | None = None) -> ValueWrong | None:
    """Return why a folder must not hold the store, or None if nothing speaks against it.

    Args:
        folder: An absolute path.
        mounts: Text in the format of Linux's ``/proc/self/mounts``; read from the system if None.
    """
    for part in folder.parts:
        name = part.casefold()
        if any(name == known or name.startswith(f"{known} -") for known in _SYNC_FOLDERS):
            return ValueWrong("folder_synchronized", folder=part)
    if _is_network(folder, mounts):
        return ValueWrong("folder_on_network")
    return None


def _is_network(folder: Path, mounts: str | None) -> bool:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        remote = 4  # DRIVE_REMOTE of GetDriveTypeW
        return (
            folder.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == remote
        )
    if mounts is None:
        proc = Path("/proc/self/mounts")
        mounts = proc.read_text(encoding="utf-8", errors="replace") if proc.exists() else ""
    best, kind = 0, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) > 2:
            point = PurePath(fields[1].replace("\\040", " "))
            if folder.is_relative_to(point) and len(point.parts) >= best:
                best, kind = len(point.parts), fields[2]
    return kind in _NETWORK_FILE_SYSTEMS


def _make_private(folder: Path) -> None:
    """Make the folder inaccessible to others; Windows' own profile folders are private already."""
    if os.name == "posix" and folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.getuid():
        folder.chmod(0o700)


def resources_dir() -> Path:
    """Return the folder of icons, sounds, themes and vocabularies.

    Works the same from a checkout, an installed wheel and a frozen program.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    package = Path(loopdesk.__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


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


# --- files ------------------------------------------------------------------------------------------


def replace_file(file: Path, text: str) -> None:
    """Replace a file's text; see ``replace_bytes``."""
    replace_bytes(file, text.encode())


def replace_bytes(file: Path, data: bytes) -> None:
    """Replace the content of a file atomically, readable by this user only.

    The data is on disk before the rename, and the rename is on disk before this returns. A symbolic link is
    followed: its target is replaced, not the link.

    Raises:
        OSError: Nothing changed.
    """
    target = file.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # created with mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def read_photo(file: Path) -> bytes | None:
    """Return the content of a photo; None if it is not there. Raises ``OSError``."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def remove_old(folder: Path, before: datetime, in_use: Container[str]) -> int:
    """Remove the files of a folder that were last written before a moment and are not in use.

    Args:
        in_use: Names to keep, however old.

    Returns:
        How many were removed.
    """
    removed = 0
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.name not in in_use and file.is_file() and file.stat().st_mtime < before.timestamp():
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk; Windows does that itself and cannot open folders."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
