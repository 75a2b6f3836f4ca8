"""Writes the signed manifest that names the version IT wants.

    cd packaging && python -m release.manifest keys updates.key   # once; prints updates.public_key
    cd packaging && python -m release.manifest sign updates.key 1.2.3 OUT loopdesk-1.2.3.msi --notes "…"

The second writes ``manifest.json`` (the version, the notes, and the SHA-256 of each package named) and
``manifest.json.sig``. Whoever has the private key says what 40 machines ask for: keep it off them.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
from pathlib import Path

from nacl.signing import SigningKey

from loopdesk.domain.release import Version


def make_keys(private: Path) -> str:
    """Write a new private key, for its owner alone. Returns the public one. Raises ``FileExistsError``."""
    key = SigningKey.generate()
    handle = os.open(private, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(base64.b64encode(bytes(key)).decode() + "\n")
    return base64.b64encode(bytes(key.verify_key)).decode()


def sign(private: Path, version: str, folder: Path, packages: list[Path], notes: str = "") -> None:
    """Write the manifest of a version and its signature. Raises ``ValueError`` for what is no version."""
    text = json.dumps(
        {
            "version": str(Version.of(version)),
            "notes": notes,
            "packages": {
                package.name: hashlib.sha256(package.read_bytes()).hexdigest() for package in packages
            },
        },
        ensure_ascii=False,
        indent=2,
    ).encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_bytes(text)
    (folder / "manifest.json.sig").write_bytes(signature(private, text))


def signature(private: Path, text: bytes) -> bytes:
    """Return what stands in ``manifest.json.sig`` for this text."""
    key = SigningKey(base64.b64decode(private.read_text(encoding="ascii")))
    return base64.b64encode(key.sign(text).signature) + b"\n"


def main(argv: list[str]) -> int:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    keys = commands.add_parser("keys", help="make a pair of keys")
    keys.add_argument("private", type=Path)
    signing = commands.add_parser("sign", help="write a manifest and its signature")
    signing.add_argument("private", type=Path)
    signing.add_argument("version")
    signing.add_argument("folder", type=Path)
    signing.add_argument("packages", type=Path, nargs="*")
    signing.add_argument("--notes", default="")
    told = parser.parse_args(argv)
    if told.command == "keys":
        sys.stdout.write(make_keys(told.private) + "\n")
    else:
        sign(told.private, told.version, told.folder, told.packages, told.notes)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
