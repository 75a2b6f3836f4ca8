"""``loopdesk hub serve`` as it is really run: processes of their own, over one database, before one Loop."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from loopdesk.hub.budget.dealing import BURST, PER_SECOND, SLOW_SECONDS
from loopdesk.hub.compose import Hub
from loopdesk.hub.settings import HubSettings, LoopSettings
from loopdesk.simulator.loop import PRACTICE_KEY
from tests.hub.running import joined, settings_for

SHOP = "acme"
_HOME = Path(__file__).parents[2]
_END_SECONDS = 60

_TOML = """\
[database]
url = "{database}"
connections = {connections}
[http]
port = 0
it_token_sha256 = "{it}"
[keys]
file = "{key}"
[loop]
url = "{loop}"
"""


def settings_before(url: str, loop_url: str, folder: Path) -> HubSettings:
    """Return the settings of a hub before a simulated Loop."""
    return settings_for(url, folder).model_copy(update={"loop": LoopSettings(url=loop_url)})


async def set_up(
    settings: HubSettings,
    benches: Sequence[str],
    *,
    per_second: float = PER_SECOND,
    burst: float = BURST,
    slow_seconds: float = SLOW_SECONDS,
    key: str = PRACTICE_KEY.value,
) -> list[str]:
    """Add the shop with its key and its budget, and let benches join; returns their tokens."""
    async with Hub(settings) as hub:
        await hub.shops.add(SHOP, "Acme", "#336699")
        await hub.shops.give_key(SHOP, key)
        await hub.budget.set_pace(SHOP, per_second=per_second, burst=burst, slow_seconds=slow_seconds)
        return [await joined(hub, name) for name in benches]


def write_settings(settings: HubSettings, folder: Path, *, it: str = "") -> Path:
    """Write the settings of a hub into a file, and return which.

    Args:
        it: IT's token; none by default.
    """
    file = folder / "hub.toml"
    file.write_text(
        _TOML.format(
            database=settings.database.url,
            connections=settings.database.connections,
            key=settings.keys.file,
            it=hashlib.sha256(it.encode()).hexdigest() if it else "",
            loop=settings.loop.url,
        ),
        encoding="utf-8",
    )
    return file


@contextmanager
def serving(settings: HubSettings, folder: Path, number: int = 2, *, it: str = "") -> Iterator[list[str]]:
    """Run some processes; gives their origins, and ends them in order. ``it`` is IT's token."""
    file = write_settings(settings, folder, it=it)
    command = [sys.executable, "-m", "loopdesk", "hub", "--settings", str(file), "serve"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LOOPDESK_")}
    logs = [(folder / f"hub{each}.log").open("w+b") for each in range(number)]
    processes = [
        subprocess.Popen(command, cwd=_HOME, env=environ, stdout=subprocess.PIPE, stderr=log, text=True)
        for log in logs
    ]
    try:
        urls = []
        for process, log in zip(processes, logs, strict=True):
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            assert line, Path(log.name).read_text("utf-8")
            urls.append(line)
        yield urls
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process, log in zip(processes, logs, strict=True):
            process.wait(_END_SECONDS)
            assert process.stdout is not None
            process.stdout.close()
            log.close()
