"""The bundle that a station sends to support: how it is, and nothing about a shopper or a secret.

What goes in is chosen here, piece by piece; the store, the photos and the queue's contents do not. All of it
goes through the log's redactor once more, because a log may hold what an older version wrote.
"""

from __future__ import annotations

import json
import platform
import re
import ssl
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loopdesk import __version__
from loopdesk.app.runtime import Ground
from loopdesk.store.open_database import sqlite_version
from loopdesk.system.host.files import replace_bytes

if TYPE_CHECKING:
    from loopdesk.domain.outbox.stages import Entry
    from loopdesk.system.doctor import Check

MOST_ENTRIES = 100_000
PEOPLE = ("operator",)
"""Settings that name a person."""

_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]*@")


async def write_bundle(ground: Ground, checks: Sequence[Check], file: Path) -> None:
    """Write the bundle as a ZIP file that this user alone can read, replacing one that is there.

    Args:
        checks: What the doctor found.

    Raises:
        OSError: It cannot be written.
    """
    await ground.secrets.key()  # whoever redacts must know it, also when no check asked for it
    ground.station_secret.value()  # this one too
    entries = await ground.store.outbox.entries(None, MOST_ENTRIES)
    parts: dict[str, Any] = {
        "versions.json": _versions(),
        "settings.json": _settings(ground),
        "doctor.json": [asdict(check) for check in checks],
        "queue.json": _queue(entries),
        "store.json": _files(ground.profile.store_folder),
    }
    replace_bytes(file, _packed(ground, parts))


def _packed(ground: Ground, parts: dict[str, Any]) -> bytes:
    """Pack the parts and the logs."""
    from io import BytesIO

    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, part in parts.items():
            clean = _cleaned(part, ground)
            bundle.writestr(name, json.dumps(clean, ensure_ascii=False, indent=2) + "\n")
        for log in sorted(ground.profile.log_folder.glob("*.log*")):
            bundle.writestr(f"logs/{log.name}", "\n".join(_lines(log, ground)) + "\n")
    return out.getvalue()


def _versions() -> dict[str, Any]:
    return {
        "loopdesk": __version__,
        "frozen": bool(getattr(sys, "frozen", False)),
        "python": platform.python_version(),
        "system": platform.platform(),
        "sqlite": sqlite_version(),
        "openssl": ssl.OPENSSL_VERSION,
    }


def _settings(ground: Ground) -> dict[str, Any]:
    """Give every setting in force, without the people and the passwords in it, and where each came from."""
    values = ground.loaded.settings.shown()
    for name in PEOPLE:
        if values["station"][name]:
            values["station"][name] = "<name>"
    sources = {key: str(source) for key, source in ground.loaded.sources.items()}
    return {"values": values, "sources": sources, "problem": str(ground.loaded.problem or "")}


def _queue(entries: Sequence[Entry]) -> dict[str, Any]:
    """Count the kept actions by where they stand and what they are; nothing of what is in them."""
    counted = Counter((entry.stage.value, entry.kind.value) for entry in entries)
    oldest = min((entry.decided_at for entry in entries), default=None)
    return {
        "entries": len(entries),
        "oldest": oldest.isoformat() if oldest else None,
        "counts": [{"stage": s, "kind": k, "number": number} for (s, k), number in sorted(counted.items())],
    }


def _files(folder: Path) -> list[dict[str, Any]]:
    """Name the files of the store and their sizes."""
    return [{"name": file.name, "bytes": file.stat().st_size} for file in sorted(folder.iterdir())]


def _lines(log: Path, ground: Ground) -> Iterator[str]:
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        yield _clean(line, ground)


def _clean(text: str, ground: Ground) -> str:
    """Return a text without secrets. First those in addresses: they end as an e-mail address begins."""
    return ground.redactor.clean(_CREDENTIALS.sub("<credentials>@", text))


def _cleaned(value: Any, ground: Ground) -> Any:
    """Return a part with every text in it cleaned as a log line is."""
    if isinstance(value, str):
        return _clean(value, ground)
    if isinstance(value, dict):
        return {name: _cleaned(inner, ground) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner, ground) for inner in value]
    return value
