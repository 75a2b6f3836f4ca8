"""The signed manifest of versions: read as it was signed, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from loopdesk.api.manifest import LIMIT, Place, SignedManifest, understood
from loopdesk.domain.errors import ManifestUnusable
from loopdesk.domain.release import Version
from loopdesk.system import manifest_signing

AT = datetime(2026, 11, 29, tzinfo=UTC)
URL = "https://it.example/loopdesk/manifest.json"


class Shelf:
    """A server with the files of a folder; keeps what it was asked."""

    def __init__(self, folder: Path, public_key: str) -> None:
        self.folder = folder
        self.public_key = public_key
        self.seen: list[httpx.Request] = []
        self.url = URL

    def manifest(self) -> SignedManifest:
        return SignedManifest(
            lambda: Place(self.url, self.public_key),
            lambda *, keep_alive, proxy, certificate=b"": httpx.MockTransport(self._answer),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        file = self.folder / request.url.path.rpartition("/")[2]
        return httpx.Response(200, content=file.read_bytes()) if file.exists() else httpx.Response(404)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    public = manifest_signing.make_keys(tmp_path / "updates.key")
    package = tmp_path / "loopdesk-1.4.0.msi"
    package.write_bytes(b"a package")
    manifest_signing.sign(
        tmp_path / "updates.key", "1.4.0", tmp_path / "shelf", [package], "Quieter beeps.", now=AT
    )
    return Shelf(tmp_path / "shelf", public)


async def test_a_signed_manifest_names_the_version(shelf: Shelf) -> None:
    wanted = await shelf.manifest().wanted()
    assert wanted is not None
    assert (wanted.version, wanted.notes) == (Version.of("1.4.0"), "Quieter beeps.")
    assert [str(request.url) for request in shelf.seen] == [URL, f"{URL}.sig"]


@pytest.mark.fault(115)
async def test_loops_key_is_not_shown_to_the_server_of_the_manifest(shelf: Shelf) -> None:
    await shelf.manifest().wanted()
    assert not [request for request in shelf.seen if "x-authorization" in request.headers]


async def test_without_an_address_nothing_is_asked(shelf: Shelf) -> None:
    shelf.url = ""
    assert await shelf.manifest().wanted() is None
    assert shelf.seen == []


async def test_one_changed_byte_is_not_believed(shelf: Shelf) -> None:
    file = shelf.folder / "manifest.json"
    whole = file.read_bytes()
    for number in range(0, len(whole), 7):
        file.write_bytes(whole[:number] + bytes([whole[number] ^ 1]) + whole[number + 1 :])
        with pytest.raises(ManifestUnusable, match="signature"):
            await shelf.manifest().wanted()


@pytest.mark.parametrize("key", ["", "AAAA", "é", "A" * 44])
async def test_without_the_right_key_nothing_is_believed(shelf: Shelf, key: str) -> None:
    shelf.public_key = key
    with pytest.raises(ManifestUnusable, match="signature"):
        await shelf.manifest().wanted()


@pytest.mark.parametrize("signature", [b"", b"no base64", b"AAAA"])
async def test_a_damaged_signature_is_not_believed(shelf: Shelf, signature: bytes) -> None:
    (shelf.folder / "manifest.json.sig").write_bytes(signature)
    with pytest.raises(ManifestUnusable, match="signature"):
        await shelf.manifest().wanted()


async def test_a_missing_or_endless_manifest_is_told(shelf: Shelf) -> None:
    (shelf.folder / "manifest.json").write_bytes(b" " * (LIMIT + 1))
    with pytest.raises(ManifestUnusable, match="unreadable"):
        await shelf.manifest().wanted()
    (shelf.folder / "manifest.json").unlink()
    with pytest.raises(ManifestUnusable, match="404"):
        await shelf.manifest().wanted()


@pytest.mark.fault(168)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"number": 3},
        {"expires": "2027-01-01T00:00:00+00:00"},
        {"number": "3", "expires": "2027-01-01T00:00:00+00:00"},
        {"number": True, "expires": "2027-01-01T00:00:00+00:00"},
        {"number": 0, "expires": "2027-01-01T00:00:00+00:00"},
        {"number": 3, "expires": "2027-01-01T00:00:00"},
        {"number": 3, "expires": "soon"},
    ],
)
def test_a_manifest_without_number_and_end_is_not_believed(more: dict[str, object]) -> None:
    with pytest.raises(ManifestUnusable, match="number"):
        understood(json.dumps({"version": "1.4.0", **more}).encode())


@pytest.mark.parametrize("told", [[], {}, {"version": 3}, {"version": "soon"}, "text"])
async def test_a_signed_manifest_that_names_no_version_is_told(
    shelf: Shelf, tmp_path: Path, told: object
) -> None:
    text = json.dumps(told).encode()
    (shelf.folder / "manifest.json").write_bytes(text)
    (shelf.folder / "manifest.json.sig").write_bytes(
        manifest_signing.signature(tmp_path / "updates.key", text)
    )
    with pytest.raises(ManifestUnusable, match="version"):
        await shelf.manifest().wanted()
