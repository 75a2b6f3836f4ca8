"""Writes the signed manifest that names the version IT wants.

``manifest.json`` holds the version, the notes, and the SHA-256 of each package; ``manifest.json.sig`` its
signature. The holder of the private key decides what 40 machines ask for: keep it off them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from nacl.signing import SigningKey

from loopdesk.domain.errors import ValueWrong
from loopdesk.domain.release import Version

DAYS = 90
"""Default number of days until a manifest expires."""


def make_keys(private: Path) -> str:
    """Write a new private key, for its owner only. Returns the public one. Raises ``FileExistsError``."""
    key = SigningKey.generate()
    handle = os.open(private, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(base64.b64encode(bytes(key)).decode() + "\n")
    return base64.b64encode(bytes(key.verify_key)).decode()


def sign(
    private: Path,
    version: str,
    folder: Path,
    packages: list[Path],
    notes: str = "",
    *,
    now: datetime,
    days: int = DAYS,
) -> None:
    """Write the manifest of a version and its signature. Raises ``ValueWrong`` for an invalid version.

    Args:
        folder: Where both are written; the number of an existing manifest there is exceeded.
        now: The number increases with it, whichever machine signs.
        days: Days until the manifest expires.
    """
    text = json.dumps(
        {
            "version": str(Version.of(version)),
            "number": max(int(now.timestamp()), _number_in(folder) + 1),
            "expires": (now + timedelta(days=days)).isoformat(timespec="seconds"),
            "notes": notes,
            "packages": {
                package.name: hashlib.sha256(package.read_bytes()).hexdigest() for package in packages
            },
        },
        ensure_ascii=False,
        indent=2,
    ).encode()
    proof = signature(private, text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.json.sig").write_bytes(proof)


def _number_in(folder: Path) -> int:
    try:
        return int(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def signature(private: Path, text: bytes) -> bytes:
    """Return the content of ``manifest.json.sig`` for this text. Raises ``ValueWrong`` for an invalid key."""
    try:
        key = SigningKey(base64.b64decode(private.read_text(encoding="ascii"), validate=False))
    except (ValueError, TypeError, binascii.Error):
        raise ValueWrong("no_signing_key", file=str(private)) from None
    return base64.b64encode(key.sign(text).signature) + b"\n"
