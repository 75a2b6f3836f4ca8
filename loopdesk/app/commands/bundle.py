"""The support bundle: the state of a station, without shoppers or secrets.

Its contents are chosen here, piece by piece; the store, the photos and the queue's contents are left out.
Everything passes the log's redactor again, because a log may contain what an older version wrote.
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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loopdesk import __version__
from loopdesk.app.runtime import Runtime
from loopdesk.i18n import catalogue
from loopdesk.presenters.words import check_words, errors
from loopdesk.store.open_database import sqlite_version
from loopdesk.system.host.paths import replace_bytes

if TYPE_CHECKING:
    from loopdesk.domain.checks import Check
    from loopdesk.domain.outbox.stages import Entry

MOST_ENTRIES = 100_000
PEOPLE = ("operator",)
"""Settings that name a person."""

_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]*@")


async def write_bundle(runtime: Runtime, checks: Sequence[Check], file: Path) -> None:
    """Write the bundle as a ZIP file that only this user can read, replacing an existing one.

    Args:
        checks: What the doctor found.

    Raises:
        OSError: It cannot be written.
    """
    await runtime.secrets.key()  # the redactor must know it, even if no check asked for it
    runtime.station_secret.value()  # this one too
    entries = await runtime.store.outbox.entries(None, MOST_ENTRIES)
    with catalogue.english():  # support reads it
        parts: dict[str, Any] = {
            "versions.json": _versions(),
            "settings.json": _settings(runtime),
            "doctor.json": [check_words.record(check) for check in checks],
            "queue.json": _queue(entries),
            "store.json": _files(runtime.profile.store_folder),
        }
    replace_bytes(file, _packed(runtime, parts))


def _packed(runtime: Runtime, parts: dict[str, Any]) -> bytes:
    """Pack the parts and the logs."""
    from io import BytesIO

    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, part in parts.items():
            clean = _cleaned(part, runtime)
            bundle.writestr(name, json.dumps(clean, ensure_ascii=False, indent=2) + "\n")
        for log in sorted(runtime.profile.log_folder.glob("*.log*")):
            bundle.writestr(f"logs/{log.name}", "\n".join(_lines(log, runtime)) + "\n")
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


def _settings(runtime: Runtime) -> dict[str, Any]:
    """Return every setting in force, without people and passwords, and the source of each."""
    values = runtime.settings.shown()
    for name in PEOPLE:
        if values["station"][name]:
            values["station"][name] = "<name>"
    sources = {key: str(source) for key, source in runtime.loaded.sources.items()}
    problem = errors.reason(runtime.loaded.problem) if runtime.loaded.problem is not None else ""
    return {"values": values, "sources": sources, "problem": problem}


def _queue(entries: Sequence[Entry]) -> dict[str, Any]:
    """Count the kept actions by stage and kind, without their contents."""
    counted = Counter((entry.stage.value, entry.kind.value) for entry in entries)
    oldest = min((entry.decided_at for entry in entries), default=None)
    return {
        "entries": len(entries),
        "oldest": oldest.isoformat() if oldest else None,
        "counts": [{"stage": s, "kind": k, "number": number} for (s, k), number in sorted(counted.items())],
    }


def _files(folder: Path) -> list[dict[str, Any]]:
    """List the files of the store with their sizes."""
    return [{"name": file.name, "bytes": file.stat().st_size} for file in sorted(folder.iterdir())]


def _lines(log: Path, runtime: Runtime) -> Iterator[str]:
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        yield _clean(line, runtime)


def _clean(text: str, runtime: Runtime) -> str:
    """Redact a text. Secrets in addresses come first: they end as an e-mail address begins."""
    return runtime.redactor.clean(_CREDENTIALS.sub("<credentials>@", text))


def _cleaned(value: Any, runtime: Runtime) -> Any:
    """Redact every text in a value, as log lines are."""
    if isinstance(value, str):
        return _clean(value, runtime)
    if isinstance(value, dict):
        return {name: _cleaned(inner, runtime) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner, runtime) for inner in value]
    return value
