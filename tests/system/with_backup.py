"""A copy by Debian's pg_dump in a new database: another generation, benches filled anew, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from loopdesk.simulator.loop import PRACTICE_KEY
from tests.architecture import ROOT
from tests.hub.ledger_rig import effects, quick_loop, return_ids
from tests.hub.spare_postgres import PROGRAMS, SparePostgres
from tests.system.tools import debian_postgres
from tests.system.with_versions import Version, follows, joined_bench


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SparePostgres]:
    """Debian's PostgreSQL, which keeps what it said was kept, and its programs before all others."""
    programs = debian_postgres()
    monkeypatch.setenv(PROGRAMS, str(programs))
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    server = SparePostgres()
    try:
        server.start()
        yield server
    finally:
        server.close()


def test_a_copy_in_a_new_database_is_known_as_older_and_nothing_is_sent_twice(
    server: SparePostgres, tmp_path: Path
) -> None:
    settings, copy = tmp_path / "hub.toml", tmp_path / "hub.dump"
    version = Version(ROOT, settings)
    with quick_loop(4) as loop:

        def on(database: str) -> None:
            settings.write_text(
                f'[database]\nurl = "{database}"\nconnections = 4\n'
                '[http]\nport = 0\naddress = "http://127.0.0.1:1"\n'
                f'[keys]\nfile = "{tmp_path / "hub.key"}"\n[loop]\nurl = "{loop.url}"\n',
                "utf-8",
            )

        on(server.make("before"))
        version.hub("init")
        version.hub("shop", "add", "acme", "Acme")
        version.hub("shop", "key", "acme", given=PRACTICE_KEY.value)
        known, sent_later, *_ = return_ids(loop)
        with version.serving(tmp_path / "before.log") as url:
            bench = joined_bench(version, url, "Dock 1")
            follows(version, bench, url, tmp_path / "bench")
            first = bench.act(url, known)
            version.hub("backup", str(copy))
            second = bench.act(url, sent_later)  # of which the copy knows nothing
        on(server.make("after"))
        version.hub("restore", str(copy))
        with version.serving(tmp_path / "after.log") as url:
            headers = {"X-Authorization": bench.token, "X-Loopdesk-Generation": second.generation}
            with httpx.Client(base_url=url, trust_env=False, headers=headers, timeout=60) as client:
                ready = client.get("/readyz")
                assert ready.headers["X-Loopdesk-Generation"] != second.generation
                assert client.get("/hub/v1/changes?after=acme:999").status_code == 410
                again = client.post(
                    f"/api/v1/warehouse/return/{sent_later}/process", headers={"Idempotency-Key": second.key}
                )
                assert again.headers["X-Loopdesk-Outcome"] == "unknown", again.text
            assert bench.became(url, second) == "unknown"
            assert bench.became(url, first) in ("stored", "unknown")
            follows(version, bench, url, tmp_path / "bench")
        assert [effects(loop, each) for each in (known, sent_later)] == [1, 1]
