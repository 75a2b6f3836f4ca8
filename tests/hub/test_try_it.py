"""What ``make hub`` starts is whole: PostgreSQL, simulator, shop, and a bench that joins over pinned TLS."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import httpx

from tests.hub.try_it import HubToTry, join_code, joined


def test_a_bench_joins_a_hub_that_make_hub_starts(tmp_path: Path) -> None:
    hub = HubToTry(tmp_path)
    with hub.running():
        bench = joined(join_code(hub.command("bench", "add", "Dock 1")))
        assert bench["LOOPDESK_STATION_NAME"] == "Dock 1"
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusted.load_verify_locations(cadata=base64.b64decode(bench["LOOPDESK_HUB_CERTIFICATE"]))
        url = bench["LOOPDESK_API_URL"].removesuffix("/api")
        with httpx.Client(verify=trusted, trust_env=False) as client:
            assert client.get(f"{url}/readyz").json() == {"ready": True}
        assert "Dock 1" in hub.command("bench", "list")
        assert "practice" in hub.command("shop", "list")
