"""The way through a real CUPS, one of our own beside the computer's; run by ``make print-check`` alone.

As root, since CUPS lets its backends run as another user; on Debian it takes ``cups`` and ``cups-client``.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopdesk.domain.printing.labels import GoodsLabel, LabelSize
from loopdesk.domain.printing.printers import NotPrinted, PrinterState
from loopdesk.system.host.label_printers import CupsPrinter, written
from tests.fakes.network_printer import FakePrinter, a_network_printer

SIZE = LabelSize()
LABELS = (
    GoodsLabel("30000001LDTOTE14", "tote 14", ("Löwe „am“ Zaun ^XZ~JA", "注文1178"), copies=2),
    GoodsLabel("LDM17", "Mystery 17"),
)
DAEMON = Path("/usr/sbin/cupsd")

_FILES = """
ServerRoot {folder}
ServerBin /usr/lib/cups
StateDir {folder}/run
RequestRoot {folder}/spool
CacheDir {folder}/cache
TempDir {folder}/spool
ErrorLog {folder}/log/error
AccessLog {folder}/log/access
PageLog {folder}/log/page
SystemGroup root
User lp
Group lp
"""

_DAEMON = """
Listen {folder}/run/cups.sock
Browsing Off
DefaultAuthType None
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""


class Cups:
    """A print service with one raw queue, ``zebra``, that leads to a printer on loopback."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self, port: int) -> None:
        """Start the service, and add the queue."""
        for name in ("run/certs", "spool", "cache", "log"):
            (self._folder / name).mkdir(parents=True)
        files, daemon = self._folder / "files.conf", self._folder / "cupsd.conf"
        files.write_text(_FILES.format(folder=self._folder))
        daemon.write_text(_DAEMON.format(folder=self._folder))
        for place in (self._folder, *self._folder.rglob("*")):
            if place not in (files, daemon):
                shutil.chown(place, "lp", "lp")
        self._daemon = subprocess.Popen([DAEMON, "-f", "-c", daemon, "-s", files])
        while not (self._folder / "run/cups.sock").exists():
            assert self._daemon.poll() is None, (self._folder / "log/error").read_text()
        self.run("lpadmin", "-p", "zebra", "-E", "-v", f"socket://127.0.0.1:{port}", "-m", "raw")

    def run(self, *words: str) -> None:
        """Run one of the service's programs."""
        subprocess.run(words, check=True, timeout=30)

    def stop(self) -> None:
        """Stop the service."""
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(30)


@pytest.fixture
async def device() -> AsyncIterator[FakePrinter]:
    """A printer at a port of loopback."""
    async with a_network_printer() as made:
        yield made


@pytest.fixture
async def cups(
    device: FakePrinter, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cups]:
    """A service of our own; the computer's is not asked."""
    folder = tmp_path_factory.mktemp("cups")
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)
    monkeypatch.setenv("CUPS_SERVER", str(folder / "run/cups.sock"))
    made = Cups(folder)
    made.start(device.port)
    yield made
    made.stop()


async def test_labels_reach_the_printer_byte_for_byte(cups: Cups, device: FakePrinter) -> None:
    document = written(LABELS, SIZE)
    assert await CupsPrinter("zebra", SIZE).print(LABELS) is PrinterState.READY
    async with asyncio.timeout(30):
        await device.has_got(len(document))
    assert device.printed == document


async def test_a_queue_that_is_paused_or_unknown_and_a_service_that_stopped_are_told_apart(
    cups: Cups, device: FakePrinter
) -> None:
    assert await CupsPrinter("no-such-queue", SIZE).state() is PrinterState.NO_QUEUE
    cups.run("cupsdisable", "zebra")
    printer = CupsPrinter("zebra", SIZE)
    assert await printer.state() is PrinterState.PAUSED
    with pytest.raises(NotPrinted, match="paused"):
        await printer.print(LABELS)
    cups.run("cupsenable", "zebra")
    assert await printer.state() is PrinterState.READY
    cups.stop()
    assert await printer.state() is PrinterState.NO_SPOOLER
    with pytest.raises(NotPrinted, match="no_spooler"):
        await printer.print(LABELS)
    assert device.printed == b""
