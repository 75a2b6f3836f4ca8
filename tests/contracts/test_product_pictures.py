"""Where small pictures are kept and where they come from: the same for twins and real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from loopdesk.api.pictures import PictureClient
from loopdesk.domain.errors import DiskFull, PictureRefused
from loopdesk.domain.pictures import link_of
from loopdesk.services.ports.pictures import KeptPictures, PictureSource
from loopdesk.system.pictures import PictureFolder
from tests.fakes.clock import HandClock
from tests.fakes.pictures import HOST, MemoryPictures, ScriptedSource

FIRST, SECOND = "0" * 31 + "1", "0" * 31 + "2"
LINK = link_of(f"https://{HOST}/a.jpg", (HOST,))
assert LINK is not None


@pytest.fixture(params=["memory", "folder"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> KeptPictures:
    """A folder of each kind, empty."""
    return MemoryPictures(HandClock()) if request.param == "memory" else PictureFolder(tmp_path / "pictures")


async def test_what_was_put_there_is_there_under_its_key(kept: KeptPictures) -> None:
    assert not await kept.kept()
    first = await kept.put(FIRST, b"first")
    second = await kept.put(SECOND, b"second!")
    assert (first.key, first.size, second.size) == (FIRST, 5, 7)
    assert await kept.kept() == {FIRST: first, SECOND: second}
    assert (await kept.get(FIRST), await kept.get(SECOND)) == (b"first", b"second!")


async def test_the_latest_of_a_key_stays(kept: KeptPictures) -> None:
    await kept.put(FIRST, b"first")
    again = await kept.put(FIRST, b"again.")
    assert await kept.get(FIRST) == b"again."
    assert await kept.kept() == {FIRST: again}
    assert again.size == 6


async def test_what_is_not_there_is_empty_and_can_be_removed(kept: KeptPictures) -> None:
    await kept.put(FIRST, b"first")
    assert await kept.get(SECOND) == b""
    await kept.remove([FIRST, SECOND])
    await kept.remove([])
    assert await kept.get(FIRST) == b""
    assert not await kept.kept()


@pytest.mark.fault(180)
@pytest.mark.parametrize("kind", ["memory", "folder"])
async def test_a_full_disk_is_said_and_spoils_nothing(kind: str, tmp_path: Path) -> None:
    full: KeptPictures
    if kind == "memory":
        full = twin = MemoryPictures(HandClock())
        twin.refusal = DiskFull("little room")
    else:
        full = PictureFolder(tmp_path / "pictures", least_free=1 << 62)
    with pytest.raises(DiskFull):
        await full.put(FIRST, b"first")
    assert not await full.kept()
    assert await full.get(FIRST) == b""


# --- the source -------------------------------------------------------------------------------------


def _twin(status: int) -> PictureSource:
    source = ScriptedSource()
    if status != 200:
        source.answers["/a.jpg"] = PictureRefused("status", is_final=status < 500, status=status)
    return source


def _client(status: int) -> PictureSource:
    async def resolve(host: str) -> list[tuple[str, int]]:
        return [("23.227.38.33", 443)]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=request.url.raw_path)

    return PictureClient(
        resolve, make_wire=lambda *, keep_alive, proxy, certificate=b"": httpx.MockTransport(answer)
    )


@pytest.mark.parametrize("make", [_twin, _client])
async def test_a_picture_comes_as_it_is(make: Callable[[int], PictureSource]) -> None:
    assert LINK is not None
    assert await make(200).fetch(LINK) == b"/a.jpg"


@pytest.mark.parametrize("make", [_twin, _client])
@pytest.mark.parametrize(("status", "is_final"), [(404, True), (503, False)])
async def test_what_does_not_come_is_said_and_whether_asking_again_may_help(
    make: Callable[[int], PictureSource], status: int, is_final: bool
) -> None:
    assert LINK is not None
    with pytest.raises(PictureRefused) as refusal:
        await make(status).fetch(LINK)
    assert (refusal.value.values, refusal.value.is_final) == ({"status": status}, is_final)
