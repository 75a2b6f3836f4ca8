"""Photos at a bucket and at an address for PUT: signed, stored, asked for, and what failures are called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from loopdesk.api.photo_storage import PhotoStorage, StorageKind, StoragePlace, open_publicly
from loopdesk.api.sigv4 import SigningKey, signed_url
from loopdesk.domain.errors import PhotoNotStored, SecretsUnavailable
from loopdesk.simulator.http.bucket import Bucket, BucketFault
from loopdesk.simulator.http.server import wall_clock
from loopdesk.system.host.clock import SystemClock

pytestmark = pytest.mark.expects_log("photo_place_clock")

PHOTO = b"\xff\xd8\xff\xe0 a photo \xff\xd9"
NAME = "0123456789abcdef0123456789abcdef.jpg"
KEY_ID, SECRET = "AKIATEST", "s3cr3t/with+signs="


def test_an_address_is_signed_as_in_amazons_own_example() -> None:
    key = SigningKey("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
    at = datetime(2013, 5, 24, tzinfo=UTC)
    signed = signed_url("GET", "https://examplebucket.s3.amazonaws.com/test.txt", key, at, 86_400)
    assert signed.endswith("=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


@dataclass
class Dock:
    """A client and the place that it talks to."""

    bucket: Bucket
    url: str = ""
    kind: StorageKind = StorageKind.S3
    secret: str | None = f"{KEY_ID}:{SECRET}"
    deadline_seconds: float = 10.0
    clients: list[PhotoStorage] = field(default_factory=list)

    def client(self) -> PhotoStorage:
        async def secret() -> str | None:
            if self.secret == "locked":
                raise SecretsUnavailable(why="silent", seconds="10")
            return self.secret

        made = PhotoStorage(
            place=lambda: StoragePlace(self.kind, self.url),
            secret=secret,
            clock=SystemClock(),
            deadline_seconds=self.deadline_seconds,
        )
        self.clients.append(made)
        return made


@pytest.fixture
async def dock() -> AsyncIterator[Dock]:
    bucket = Bucket(KEY_ID, SECRET)
    made = Dock(bucket)
    made.url = await bucket.start() + "/Fotos%20Dock%201/2026"
    yield made
    for client in made.clients:
        await client.aclose()
    await bucket.stop()


def path_of(dock: Dock) -> str:
    return "/" + dock.url.split("/", 3)[3] + "/" + NAME


async def test_a_photo_is_stored_signed_and_anyone_can_open_it(dock: Dock) -> None:
    client = dock.client()
    await client.store(NAME, PHOTO)
    assert dock.bucket.objects == {path_of(dock): PHOTO}
    assert await client.has(NAME, len(PHOTO))
    await open_publicly(f"{dock.url}/{NAME}")


async def test_nothing_of_loop_and_not_the_secret_goes_to_the_place(dock: Dock) -> None:
    await dock.client().store(NAME, PHOTO)
    ((_, _, headers),) = dock.bucket.seen
    assert set(headers) == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
    }
    assert headers["content-type"] == "image/jpeg"


async def test_a_photo_that_is_not_there_or_of_another_size_is_not_taken_for_it(dock: Dock) -> None:
    client = dock.client()
    assert not await client.has(NAME, len(PHOTO))
    dock.bucket.objects[path_of(dock)] = PHOTO[:5]
    assert not await client.has(NAME, len(PHOTO))


async def failing(dock: Dock, *, has: bool = False) -> str:
    """Let storing fail, and return what the failure is called."""
    client = dock.client()
    with pytest.raises(PhotoNotStored) as failure:
        await (client.has(NAME, 1) if has else client.store(NAME, PHOTO))
    assert SECRET not in str(failure.value)
    return failure.value.why


@pytest.mark.fault(187)
@pytest.mark.parametrize(
    ("fault", "why"),
    [(BucketFault.REFUSED, "refused"), (BucketFault.ERROR, "status"), (BucketFault.CUT, "unreachable")],
)
async def test_every_failure_of_the_place_has_its_name(dock: Dock, fault: BucketFault, why: str) -> None:
    dock.bucket.faults.append(fault)
    assert await failing(dock) == why


@pytest.mark.fault(187)
async def test_a_place_that_hangs_is_left_after_the_deadline_and_serves_the_next_request(dock: Dock) -> None:
    dock.deadline_seconds = 0.2
    dock.bucket.faults.append(BucketFault.HANG)
    client = dock.client()
    with pytest.raises(PhotoNotStored) as failure:
        await client.store(NAME, PHOTO)
    assert failure.value.why == "silent"
    await client.store(NAME, PHOTO)
    assert dock.bucket.puts == {path_of(dock): 1}


async def test_a_server_error_is_no_answer_to_the_question_whether_a_photo_is_there(dock: Dock) -> None:
    dock.bucket.faults.append(BucketFault.ERROR)
    assert await failing(dock, has=True) == "status"


@pytest.mark.fault(187)
@pytest.mark.parametrize("hours", [-20, 3])
async def test_with_a_wrong_clock_the_place_s_own_time_is_used_from_then_on(dock: Dock, hours: int) -> None:
    dock.bucket.now = lambda: wall_clock() + timedelta(hours=hours)
    client = dock.client()
    with pytest.raises(PhotoNotStored) as failure:
        await client.store(NAME, PHOTO)
    assert failure.value.why == "clock"
    await client.store(NAME, PHOTO)
    assert dock.bucket.objects == {path_of(dock): PHOTO}


@pytest.mark.fault(187)
async def test_a_question_refused_for_its_time_is_asked_again_before_a_photo_is_stored_again(
    dock: Dock,
) -> None:
    """Of two questions under way at once the second one is refused as well, after the first one told why."""
    client = dock.client()
    await client.store(NAME, PHOTO)
    dock.bucket.now = lambda: wall_clock() + timedelta(hours=3)
    found = await asyncio.gather(*(client.has(NAME, len(PHOTO)) for _ in range(2)), return_exceptions=True)
    assert [getattr(x, "why", x) for x in found] == ["clock", "clock"]
    assert await client.has(NAME, len(PHOTO))


@pytest.mark.fault(187)
async def test_a_place_that_answers_no_question_by_its_permissions_does_not_say(dock: Dock) -> None:
    client = dock.client()
    dock.bucket.faults.append(BucketFault.REFUSED)
    assert not await client.has(NAME, len(PHOTO))


async def test_another_secret_is_refused(dock: Dock) -> None:
    dock.secret = f"{KEY_ID}:wrong"
    assert await failing(dock) == "refused"


@pytest.mark.parametrize("secret", [None, "", "no-colon", "locked"])
async def test_without_the_secret_nothing_is_sent(dock: Dock, secret: str | None) -> None:
    dock.secret = secret
    assert await failing(dock) == "no_secret"
    assert dock.bucket.seen == []


async def test_an_address_for_put_takes_a_user_with_a_password(dock: Dock) -> None:
    dock.kind, dock.secret = StorageKind.PUT, "dock:päss"
    dock.bucket.user = "dock:päss"
    client = dock.client()
    await client.store(NAME, PHOTO)
    assert await client.has(NAME, len(PHOTO))
    dock.secret = "dock:wrong"
    assert await failing(dock) == "refused"


@pytest.mark.fault(188)
@pytest.mark.parametrize(("content", "why"), [(b"<html>sign in</html>", "no_photo"), (None, "no_place")])
async def test_a_public_link_that_shows_no_photo_is_found_out(
    dock: Dock, content: bytes | None, why: str
) -> None:
    if content is not None:
        dock.bucket.objects[path_of(dock)] = content
    with pytest.raises(PhotoNotStored) as failure:
        await open_publicly(f"{dock.url}/{NAME}")
    assert failure.value.why == why
