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


@contextmanager
def _serving(*command: str) -> Iterator[str]:
    """A process of the program that serves; gives the first line that it prints."""
    with subprocess.Popen([*_PROGRAM, *command], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.terminate()
            running.wait(_END_SECONDS)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class HubToTry:
    """A hub with everything around it, and one shop.

    Args:
        folder: Where it keeps its files.
    """

    def __init__(self, folder: Path) -> None:
        self._settings = folder / "hub.toml"

    def command(self, *arguments: str, given: str = "") -> str:
        """Run a command of the hub, and return what it printed."""
        command = [*_PROGRAM, "hub", "--settings", str(self._settings), *arguments]
        return subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout

    @contextmanager
    def running(self) -> Iterator[str]:
        """Start all of it; gives the hub's address."""
        with ExitStack() as stack:
            server = SparePostgres()
            stack.callback(server.close)
            server.start()
            loop = stack.enter_context(_serving("simulate", "--returns", "200")).split(" ")[0]
            self._prepare(server.url(), loop)
            yield stack.enter_context(_serving("hub", "--settings", str(self._settings), "serve"))

    def _prepare(self, database: str, loop: str) -> None:
        address = f"https://127.0.0.1:{_free_port()}"
        self.command("init", "--database", database, "--site", "Practice", "--address", address)
        found = tomlkit.parse(self._settings.read_text("utf-8"))
        found["loop"] = {"url": loop}
        self._settings.write_text(tomlkit.dumps(found), "utf-8")
        self.command("shop", "add", "practice", "Practice shop")
        self.command("shop", "key", "practice", given=PRACTICE_KEY.value)


def join_code(said: str) -> str:
    """Return the join code in what ``bench add`` printed."""
    return next(line for line in said.splitlines() if line.startswith("LOOPDESK-HUB-"))


def joined(code: str) -> dict[str, str]:
    """Join as a bench does; returns the environment of a bench that has joined."""
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
    return {
        "LOOPDESK_API_URL": f"{found.url}/api",
        "LOOPDESK_API_KEY": told["token"],
        "LOOPDESK_HUB": "true",
        "LOOPDESK_HUB_CERTIFICATE": base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode("ascii"),
        "LOOPDESK_STATION": told["bench"],
        "LOOPDESK_OPERATOR": "Practice",
    }


def main(given: Sequence[str] | None = None) -> int:
    """Run until Ctrl+C, or until the last bench was closed."""
    parser = argparse.ArgumentParser(prog="make hub", description="A hub to try.")
    parser.add_argument("--desks", type=int, default=0, help="practice benches to open")
    arguments = parser.parse_args(given)
    with tempfile.TemporaryDirectory(prefix="loopdesk-hub-") as name, ExitStack() as stack:
        hub = HubToTry(Path(name))
        url = stack.enter_context(hub.running())
        sys.stdout.write(f"The hub is at {url}\n")
        desks = []
        for number in range(1, arguments.desks + 1):
            environment = os.environ | joined(join_code(hub.command("bench", "add", f"Dock {number}")))
            desk = [*_PROGRAM, "--profile", f"{name}/dock-{number}"]
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
