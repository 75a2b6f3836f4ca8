"""The same desk in a process of its own, for tests that kill it.

The test's side is ``ChildDesk``: it starts the process, tells it what the operator does, one thing after
another, and may kill it at any moment. Run as a program this file is the other side: it reads one JSON
object a line from standard input, does it at its desk, and answers with one line; at the end of its input
it ends in order.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.ui.app import make_app
from tests.scenarios.desk import Desk, Labeled

ROOT = Path(__file__).resolve().parents[2]


class ChildFailed(Exception):
    """The process could not do what it was told, or ended by itself; with what it said about that."""


class ChildDesk:
    """A desk in a process of its own.

    Use it in a ``with`` statement: whatever happens, the process is gone afterwards.

    Args:
        folder: The profile's folder.
        api_url: Loop's address without the version.
        key: The API key, given by the environment.
        environ: More of the environment of the desk; may be changed between two starts.
    """

    def __init__(self, folder: Path, api_url: str, key: str, environ: dict[str, str] | None = None) -> None:
        self._folder = folder
        self.environ = environ or {}
        self._told = {"folder": str(folder), "api_url": api_url, "key": key}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the process; the window is ready when this returns.

        Raises:
            ChildFailed: It did not start.
        """
        assert self._process is None, "it runs already"
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tests.scenarios.child"],
                cwd=ROOT,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                encoding="utf-8",
            )
        self._tell({**self._told, "environ": self.environ})

    def do(self, act: str, **more: Any) -> Any:
        """Let the operator do something (one of ``ACTS``), and return what came of it.

        Raises:
            ChildFailed: It could not be done, or the process is gone.
        """
        return self._tell({"act": act, **more})

    def open(self, parcel: Labeled) -> None:
        """Scan a label and wait for its return."""
        code = parcel.tracking_number or parcel.return_id
        self.do("open", code=code, return_id=parcel.return_id, order_name=parcel.order_name)

    def press(self, *keys: str) -> None:
        """Press keys and wait until they took effect."""
        self.do("press", keys=keys)

    def lane(self, return_id: str) -> list[dict[str, Any]]:
        """Return the entries of a return as the store has them."""
        found: list[dict[str, Any]] = self.do("lane", return_id=return_id)
        return found

    def kill(self) -> None:
        """Kill the process like a power cut: immediately, without warning."""
        process = self._running()
        process.send_signal(signal.SIGKILL) if hasattr(signal, "SIGKILL") else process.kill()
        self._forget()

    def end(self) -> None:
        """Let the program end in order.

        Raises:
            ChildFailed: Something happened there that nobody expected.
        """
        process = self._running()
        assert process.stdin is not None
        process.stdin.close()
        code = process.wait(60)
        self._forget()
        if code != 0:
            raise ChildFailed(self._complaint())

    def __enter__(self) -> ChildDesk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._forget()

    @property
    def _said(self) -> Path:
        return self._folder.with_name(f"{self._folder.name}-stderr.txt")

    def _running(self) -> subprocess.Popen[str]:
        assert self._process is not None, "it does not run"
        return self._process

    def _tell(self, what: dict[str, Any]) -> Any:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(what) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise ChildFailed(self._complaint())
        answer = json.loads(line)
        if "failed" in answer:
            raise ChildFailed(answer["failed"])
        return answer["done"]

    def _complaint(self) -> str:
        return self._said.read_text(encoding="utf-8", errors="replace")[-4000:] or "it ended without a word"

    def _forget(self) -> None:
        process, self._process = self._running(), None
        process.wait(60)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


# --- the other side -----------------------------------------------------------------------------------------


class _Parcel:
    """What a scan needs to know, as it came over the line."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.return_id: str = told["return_id"]
        self.order_name: str = told["order_name"]
        self.tracking_number: str | None = told["code"]


async def _synced(desk: Desk, _told: dict[str, Any]) -> None:
    await desk.synced()


async def _open(desk: Desk, told: dict[str, Any]) -> None:
    await desk.open(_Parcel(told))


async def _scan(desk: Desk, told: dict[str, Any]) -> None:
    await desk.hand.scan(told["code"])
    await desk.at_rest()


async def _press(desk: Desk, told: dict[str, Any]) -> None:
    await desk.press(*told["keys"])


async def _band(desk: Desk, _told: dict[str, Any]) -> dict[str, str]:
    band = desk.screen.band
    return {"signal": band.signal.value, "sentence": band.sentence, "detail": band.detail}


async def _decided(desk: Desk, _told: dict[str, Any]) -> list[str]:
    return [row.decided for row in desk.screen.lines]


async def _title(desk: Desk, _told: dict[str, Any]) -> str:
    return desk.title


async def _lane(desk: Desk, told: dict[str, Any]) -> list[dict[str, Any]]:
    return [_as_json(entry) for entry in await desk.lane(told["return_id"])]


async def _until_lane(desk: Desk, told: dict[str, Any]) -> None:
    await desk.until_lane(told["return_id"], *(Stage(stage) for stage in told["stages"]))


ACTS: dict[str, Callable[[Desk, dict[str, Any]], Awaitable[Any]]] = {
    "synced": _synced,
    "open": _open,
    "scan": _scan,
    "press": _press,
    "title": _title,
    "band": _band,
    "decided": _decided,
    "lane": _lane,
    "until_lane": _until_lane,
}
"""What ``ChildDesk.do`` can ask for."""


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "kind": entry.kind.value,
        "stage": entry.stage.value,
        "target": entry.target,
        "payload": dict(entry.payload),
        "operator": entry.operator.name,
        "decided_at": entry.decided_at.isoformat(),
        "cause": entry.cause.plain,
    }


def _answer(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def _obey(desk: Desk) -> None:
    """Execute commands until the input ends."""
    _answer({"done": None})
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = json.loads(line)
        try:
            done = await ACTS[told["act"]](desk, told)
        except Exception as failure:  # noqa: BLE001 - said to the test, which fails with it
            _answer({"failed": f"{type(failure).__name__}: {failure}"})
        else:
            _answer({"done": done})


def main() -> None:
    """Run a desk on commands from standard input."""
    told = json.loads(sys.stdin.readline())
    desk = Desk(
        make_app(["loopdesk"]),
        Path(told["folder"]),
        told["api_url"],
        key=told["key"],
        environ=told["environ"],
    )

    async def body() -> None:
        await _obey(desk)

    desk.play(body)


if __name__ == "__main__":
    main()
