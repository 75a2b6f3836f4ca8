"""``make hub``: a PostgreSQL of its own, the simulator, a hub, and benches that have joined it.

Each time all of it is new, in a temporary folder that is removed at the end. Ctrl+C ends it.
"""

from __future__ import annotations

import argparse
import base64
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import tomlkit

from loopdesk.domain.hub_join import JOIN_PATH, parse_join_code
from loopdesk.simulator.loop import PRACTICE_KEY
from tests.hub.spare_postgres import SparePostgres

_PROGRAM = (sys.executable, "-m", "loopdesk")
_END_SECONDS = 60


class Served:
    """A process of the program that serves.

    Args:
        log: What it says besides its first line is appended there.
        command: Its arguments.
    """

    def __init__(self, log: Path, *command: str) -> None:
        self._log = log
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it; returns the first line that it prints, once it serves."""
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [*_PROGRAM, *self._command], stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it within whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            with process:
                process.send_signal(how)
                try:
                    process.wait(_END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()  # or the end of this block waits for it without end
                    raise


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class HubToTry:
    """A hub with everything around it, and one shop.

    Args:
        folder: Where it keeps its files.

    Attributes:
        postgres: Its database's server, once it runs.
        hub: Its process; started again it is at the same address.
        loop: The address of the simulator, once it runs.
        log: What the processes say.
    """

    def __init__(self, folder: Path) -> None:
        self._settings = folder / "hub.toml"
        self.log = folder / "log"
        self.loop = ""
        self.hub = Served(self.log, "hub", "--settings", str(self._settings), "serve")
        self.postgres: SparePostgres

    def command(self, *arguments: str, given: str = "") -> str:
        """Run a command of the hub, and return what it printed."""
        command = [*_PROGRAM, "hub", "--settings", str(self._settings), *arguments]
        return subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout

    @contextmanager
    def running(self) -> Iterator[str]:
        """Start all of it; gives the hub's address."""
        with ExitStack() as stack:
            self.postgres = SparePostgres()
            stack.callback(self.postgres.close)
            self.postgres.start()
            simulator = Served(self.log, "simulate", "--returns", "200")
            stack.callback(simulator.stop)
            self.loop = simulator.start().split(" ")[0]
            self._prepare(self.postgres.url(), self.loop)
            stack.callback(self.hub.stop)
            yield self.hub.start()

    def _prepare(self, database: str, loop: str) -> None:
        address = f"https://127.0.0.1:{free_port()}"
        self.command("init", "--database", database, "--site", "Practice", "--address", address)
        found = tomlkit.parse(self._settings.read_text("utf-8"))
        found["loop"] = {"url": loop}
        self._settings.write_text(tomlkit.dumps(found), "utf-8")
        self.command("shop", "add", "practice", "Practice shop")
        self.command("shop", "key", "practice", given=PRACTICE_KEY.value)


def join_code(said: str) -> str:
    """Return the join code in what ``bench add`` printed."""
    return next(line for line in said.splitlines() if line.startswith("LOOPDESK-HUB-"))


def join(code: str, profile: Path, operator: str = "Practice") -> dict[str, str]:
    """Join as a bench does, for a profile that is new.

    Where the token goes stands beside it; all else is written into its settings, where it can be changed.

    Returns:
        The environment in which the bench is to be started.
    """
    found = parse_join_code(code)
    place = httpx.URL(found.url)
    pem = ssl.get_server_certificate((place.host, place.port or 443))
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusted.load_verify_locations(cadata=pem)
    with httpx.Client(verify=trusted, trust_env=False) as client:
        answer = client.post(
            f"{found.url}{JOIN_PATH}", json={"secret": found.secret.hex(), "bench": "practice"}
        )
    answer.raise_for_status()
    told = answer.json()
    certificate = base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode("ascii")
    settings = {
        "hub": {"used": True, "certificate": certificate},
        "station": {"name": told["bench"], "operator": operator},
    }
    profile.mkdir(mode=0o700)
    (profile / "settings.toml").write_text(tomlkit.dumps(settings), "utf-8")
    return os.environ | {"LOOPDESK_API_URL": f"{found.url}/api", "LOOPDESK_API_KEY": str(told["token"])}


def main(given: Sequence[str] | None = None) -> int:
    """Run until Ctrl+C, or until the last bench was closed."""
    parser = argparse.ArgumentParser(prog="make hub", description="A hub to try.")
    parser.add_argument("--desks", type=int, default=0, help="practice benches to open")
    arguments = parser.parse_args(given)
    with tempfile.TemporaryDirectory(prefix="loopdesk-hub-") as name, ExitStack() as stack:
        hub = HubToTry(Path(name))
        url = stack.enter_context(hub.running())
        sys.stdout.write(f"The hub is at {url}\nIts log: {hub.log}\n")
        sys.stdout.write(f"Its commands: loopdesk hub --settings {name}/hub.toml …\n")
        sys.stdout.flush()
        desks = []
        for number in range(1, arguments.desks + 1):
            profile = Path(name) / f"dock-{number}"
            environment = join(join_code(hub.command("bench", "add", f"Dock {number}")), profile)
            desk = [*_PROGRAM, "--profile", str(profile)]
            desks.append(stack.enter_context(subprocess.Popen(desk, env=environment)))
        if not desks:
            sys.stdout.write(hub.command("bench", "add", "Dock 1") + "Ctrl+C ends all of it.\n")
            sys.stdout.flush()
            signal.pause()
        for bench in desks:
            bench.wait()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
