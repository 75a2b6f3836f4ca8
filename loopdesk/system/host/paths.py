"""Where things are: the profile folder with everything this station keeps, and the shipped resources."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

import loopdesk
from loopdesk.domain.errors import SettingsWrong

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
    """The folder of one station: settings, store, lock, logs and photos. One running copy each."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        """The settings a person or IT writes."""
        return self.folder / "settings.toml"

    @property
    def last_good_settings_file(self) -> Path:
        """The copy of the settings that last worked, used when the file is damaged."""
        return self.folder / "settings.last-good.toml"

    @property
    def last_good_machine_file(self) -> Path:
        """The copy of the machine's own settings file that last worked."""
        return self.folder / "machine-settings.last-good.toml"

    @property
    def lock_file(self) -> Path:
        """The file whose kernel lock says that a copy runs."""
        return self.folder / "loopdesk.lock"

    @property
    def store_folder(self) -> Path:
        """Where the database, its back-ups and its reserve live."""
        return self.folder / "store"

    @property
    def log_folder(self) -> Path:
        """Where the rotating log lives."""
        return self.folder / "logs"

    @property
    def photo_folder(self) -> Path:
        """Where photos live, named by their content."""
        return self.folder / "photos"

    @property
    def gun_file(self) -> Path:
        """What this station has learned of its scanner's speed."""
        return self.folder / "gun.json"

    @property
    def tally_file(self) -> Path | None:
        """Where this profile's store counts its changes outside of it, so that an older copy is noticed.

        It is in the system's place for state, one file a profile. Practice begins anew each time and has
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
        """The profile of practice mode, apart from this one in everything."""
        return self if self.folder.name == PRACTICE else Profile(self.folder.with_name(PRACTICE))

    def create(self) -> None:
        """Make the folders, readable by this user alone.

        Raises:
            SettingsWrong: The folder cannot be made or written, is synchronized with a cloud, or is on
                a network drive; a database there can be torn under the program's feet.
        """
        risk = folder_risk(self.folder)
        if risk:
            raise SettingsWrong(risk, file=str(self.folder), key="profile")
        try:
            for folder in (self.folder, self.store_folder, self.log_folder, self.photo_folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _make_private(folder)
        except OSError as error:
            reason = f"the profile folder cannot be used ({error.strerror})"
            raise SettingsWrong(reason, file=str(self.folder), key="profile") from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise SettingsWrong("the profile folder cannot be written", file=str(self.folder), key="profile")


def choose_profile(argument: str | None, environ: Mapping[str, str], *, practice: bool = False) -> Profile:
    """Decide which profile to use: ``--profile``, then ``LOOPDESK_PROFILE``, then the system's data folder.

    Args:
        argument: The folder given on the command line, or None.
        environ: The environment.
        practice: Whether practice mode is wanted. It never shares a folder with the bench: below a
            folder that was named it uses ``practice``.
    """
    named = argument or environ.get(PROFILE_VARIABLE, "").strip()
    if named:
        folder = Path(named).expanduser().absolute()
        return Profile(folder / PRACTICE if practice else folder)
    import platformdirs  # noqa: PLC0415 - only where no folder was named

    base = Path(platformdirs.user_data_dir("loopdesk", appauthor=False, roaming=False))
    return Profile(base / (PRACTICE if practice else "bench"))


def folder_risk(folder: Path, mounts: str | None = None) -> str:
    """Say why a folder may not hold the store, or "" when nothing speaks against it.

    Args:
        folder: An absolute path.
        mounts: Text in the form of Linux's ``/proc/self/mounts``; read from the system when None.
    """
    for part in folder.parts:
        name = part.casefold()
        if any(name == known or name.startswith(f"{known} -") for known in _SYNC_FOLDERS):
            return f'the folder is inside "{part}", which another program synchronizes; choose a local folder'
    if _is_network(folder, mounts):
        return "the folder is on a network drive; choose a folder on this machine's own disk"
    return ""


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
    """Take the folder from everyone else; Windows' own profile folders are private already."""
    if os.name == "posix" and folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.getuid():
        folder.chmod(0o700)


def resources_dir() -> Path:
    """Return the folder of icons, sounds, themes and vocabularies.

    It is found the same way from a checkout, an installed wheel and a frozen program.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    package = Path(loopdesk.__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"
