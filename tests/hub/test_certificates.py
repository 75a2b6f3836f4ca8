"""The hub's own certificate is changed while it runs, and no bench that is on has to join again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from loopdesk.api.hub_door import shown_certificate
from loopdesk.app.joining import joining_of
from loopdesk.cli import main
from loopdesk.domain.errors import HubCertificateChanged, HubCertificateOutOfDate, HubNotJoined
from loopdesk.domain.hub_join import JoinCode, JoinRefusal
from loopdesk.domain.hub_pins import LONGEST_BYTES, MOST, pins_told, trust_mark
from loopdesk.hub.benches import certificate_files
from loopdesk.hub.benches.certificate import VALID, make_certificate, pinned_fingerprint
from loopdesk.hub.benches.certificate_files import CertificateFiles, beside, put_in_place
from loopdesk.hub.benches.registry import Joined
from loopdesk.hub.compose import Hub
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import HubSettings, LoopSettings
from tests.hub.running import settings_for
from tests.hub.test_bench import Desk, a_desk
from tests.simulator_thread import SimulatorThread

pytestmark = pytest.mark.expects_log("key_refused", "key_binding")

PATIENCE_SECONDS = 20.0


def _now() -> datetime:
    return datetime.now(UTC)


def _der(certificate: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.read_text("ascii"))


class Files:
    """The files of a hub, in a folder."""

    def __init__(self, folder: Path, now: datetime | None = None) -> None:
        self.certificate, self.key = folder / "hub.crt", folder / "hub.pem"
        make_certificate("127.0.0.1", now or _now(), self.certificate, self.key)

    def make_next(self) -> bytes:
        """Make the next pair, and return its certificate."""
        make_certificate(
            "127.0.0.1", _now(), *(beside(each, "next") for each in (self.certificate, self.key))
        )
        return _der(beside(self.certificate, "next"))

    def settings(self, url: str, loop: str, folder: Path) -> HubSettings:
        """Return the settings of a hub that has them."""
        found = settings_for(url, folder, certificate=self.certificate, certificate_key=self.key)
        return found.model_copy(update={"loop": LoopSettings(url=loop)})


@asynccontextmanager
async def _hub_and_bench(
    settings: HubSettings, files: Files, shop: SimulatorThread, folder: Path
) -> AsyncIterator[tuple[Hub, Desk]]:
    """A hub with a certificate of its own, and a bench that has joined it."""
    async with Hub(settings) as hub, a_desk(folder / "dock") as desk:
        await hub.shops.add("main", "Main street", "#335577")
        await hub.shops.give_key("main", shop.key)
        secret = await hub.benches.add("Dock 1")
        code = JoinCode(hub.url, secret, pinned_fingerprint(files.certificate)).text()
        await joining_of(desk.program).join(code)
        yield hub, desk


def _id(known: Joined | JoinRefusal) -> UUID:
    assert isinstance(known, Joined)
    return known.bench.id


def _trusts(desk: Desk) -> bytes:
    return desk.program.runtime.settings.hub.der


async def _is_shown(url: str, certificate: bytes) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await shown_certificate(url) != certificate:
            pass


@pytest.mark.fault(4)
async def test_a_bench_trusts_the_next_certificate_before_it_is_used_and_then_it_alone(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate_files, "LOOK_SECONDS", 0.05)
    files = Files(tmp_path)
    with SimulatorThread() as shop:
        settings = files.settings(hub_url, shop.url, tmp_path)
        async with _hub_and_bench(settings, files, shop, tmp_path) as (hub, desk):
            trust, first = desk.program.hub_trust, _der(files.certificate)
            assert await trust.follow()
            assert _trusts(desk) == first
            following = files.make_next()
            hub.certificates.look()
            assert len(hub.certificates.announced) == 2
            assert await trust.follow()
            assert _trusts(desk) == first + following
            await desk.program.parts.gateway.probe()
            put_in_place(files.certificate, files.key)
            await _is_shown(hub.url, following)
            await desk.program.transport.drop_connections()
            await desk.program.parts.gateway.probe()
            assert await trust.follow()
            assert _trusts(desk) == following
            await desk.program.parts.gateway.probe()


@pytest.mark.fault(4)
async def test_a_bench_that_was_away_meets_a_stranger_and_its_token_stays(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate_files, "LOOK_SECONDS", 0.05)
    files = Files(tmp_path)
    with SimulatorThread() as shop:
        settings = files.settings(hub_url, shop.url, tmp_path)
        async with _hub_and_bench(settings, files, shop, tmp_path) as (hub, desk):
            following = files.make_next()
            put_in_place(files.certificate, files.key)
            await _is_shown(hub.url, following)
            await desk.program.transport.drop_connections()
            with pytest.raises(HubCertificateChanged):
                await desk.program.parts.gateway.probe()
            assert not await desk.program.hub_trust.follow()


async def test_a_certificate_that_ended_is_told_by_each_who_meets_it(
    hub_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = Files(tmp_path, _now() - VALID - timedelta(days=1))
    with SimulatorThread() as shop:
        settings = files.settings(hub_url, shop.url, tmp_path)
        async with Hub(settings) as hub, a_desk(tmp_path / "dock") as desk:
            assert "certificate_date" in caplog.messages
            secret = await hub.benches.add("Dock 1")
            code = JoinCode(hub.url, secret, pinned_fingerprint(files.certificate)).text()
            with pytest.raises(HubNotJoined) as refused:
                await joining_of(desk.program).join(code)
            assert refused.value.why == "join_certificate_date"
            await desk.program.transport.set_base(
                f"{hub.url}/api", is_hub=True, certificate=_der(files.certificate)
            )
            desk.program.transport.set_key("token")
            with pytest.raises(HubCertificateOutOfDate):
                await desk.program.parts.gateway.probe()


@pytest.mark.expects_log("certificate_unusable")
def test_half_of_a_change_leaves_all_as_it_is(tmp_path: Path) -> None:
    files = Files(tmp_path)
    looked = CertificateFiles(files.certificate, files.key, _now)
    looked.begin()
    before = looked.announced
    files.make_next()
    beside(files.key, "next").replace(files.key)  # its certificate is still to come
    looked.look()
    assert looked.announced == before
    files.certificate.unlink()
    looked.look()
    assert looked.announced == before
    beside(files.certificate, "next").replace(files.certificate)
    looked.look()
    assert looked.announced == (_der(files.certificate),)


@pytest.mark.expects_log("certificate_unusable")
def test_a_hub_without_a_usable_certificate_does_not_start(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.key.write_text("no key", "ascii")
    with pytest.raises(HubFailure) as failed:
        CertificateFiles(files.certificate, files.key, _now).begin()
    assert failed.value.why == "certificate_unusable"
    with pytest.raises(HubFailure):
        CertificateFiles(files.certificate, None, _now).begin()


def test_what_is_told_and_cannot_be_trusted_changes_nothing() -> None:
    good = b"\x30\x82\x01"
    assert pins_told([good, good]) == good + good
    for told in ([], [good] * (MOST + 1), [good, b""], [b"?"], [good + bytes(LONGEST_BYTES)]):
        assert pins_told(told) == b""


async def test_the_next_is_used_once_every_bench_knows_it(
    empty_hub_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hub.toml"

    def types(*arguments: str) -> tuple[int, str]:
        code = main(["hub", "--settings", str(file), *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    def run(*arguments: str) -> asyncio.Future[tuple[int, str]]:
        return asyncio.get_running_loop().run_in_executor(None, types, *arguments)

    code, said = await run("init", "--database", empty_hub_url, "--address", "https://127.0.0.1:8443")
    assert code == 0, said
    assert (await run("certificate", "use"))[0] == 1
    assert (await run("certificate", "next"))[0] == 0
    code, said = await run("certificate", "next")
    assert (code, "hub.next.crt is there already" in said) == (1, True)
    settings = settings_for(
        empty_hub_url, tmp_path, certificate=tmp_path / "hub.crt", certificate_key=tmp_path / "hub.pem"
    )
    files = [tmp_path / "hub.crt", tmp_path / "hub.next.crt"]
    async with Hub(settings) as hub:
        known = [await hub.benches.join(await hub.benches.add(name)) for name in ("Dock 1", "Dock 2")]
        await hub.benches.add("Dock 3")  # has not joined, and will by a code of then
        both = bytes.fromhex(trust_mark(b"".join(map(_der, files))))
        await hub.benches.keep_trust(_id(known[0]), both)
        _, said = await run("certificate", "show")
        assert "Dock 2 does not know it yet." in said
        assert "Dock 1" not in said
        assert "Dock 3" not in said
        code, said = await run("certificate", "use")
        assert (code, "Dock 2" in said) == (1, True)
        await hub.benches.keep_trust(_id(known[1]), both)
    assert "Every bench knows it." in (await run("certificate", "show"))[1]
    following = _der(files[1])
    code, said = await run("certificate", "use")
    assert (code, _der(files[0])) == (0, following), said
    assert (tmp_path / "hub.old.crt").exists()
