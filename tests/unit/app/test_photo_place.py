"""The photo place as the doctor sees it, and what allows storing there."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.app.photos import StationPhotos
from loopdesk.app.runtime import Options, Runtime, prepare_runtime
from loopdesk.domain.checks import Status
from loopdesk.domain.errors import AddressUnconfirmed
from loopdesk.simulator.http.bucket import Bucket
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings.model import EVIDENCE_VARIABLE
from tests.fakes.key_store import KeyStore

SECRET = "AKIATEST:s3cr3t-of-the-bucket"


def a_runtime(folder: Path, url: str, environ: dict[str, str] | None = None) -> Runtime:
    folder.mkdir(exist_ok=True)
    profile = Profile(folder)
    profile.create()
    settings = f'[evidence]\nkind = "s3"\nurl = "{url}"\n' if url else ""
    profile.settings_file.write_text(settings, encoding="utf-8")
    keys = KeyStore()
    return prepare_runtime(profile, Options(), {} if environ is None else environ, key_store=lambda: keys)


async def test_without_a_place_and_before_the_first_photo_there_is_nothing_to_open(tmp_path: Path) -> None:
    none, one = a_runtime(tmp_path / "none", ""), a_runtime(tmp_path / "one", "https://photos.test/dock")
    for runtime, code in ((none, "photos_stay"), (one, "no_photo_stored")):
        check = await StationPhotos(runtime, practice=False).check("")
        assert (check.status, check.findings[0].code) == (Status.OK, code)
        await runtime.close()


@pytest.mark.fault(188)
async def test_the_doctor_opens_the_last_photo_as_anyone_would(tmp_path: Path) -> None:
    bucket = Bucket("AKIATEST", "s3cr3t")
    url = await bucket.start()
    runtime = a_runtime(tmp_path / "profile", f"{url}/dock")
    photos = StationPhotos(runtime, practice=False)
    bucket.objects["/dock/a.jpg"] = b"\xff\xd8\xff photo"
    assert (await photos.check(f"{url}/dock/a.jpg")).status is Status.OK
    missing = await photos.check(f"{url}/dock/b.jpg")
    assert (missing.status, missing.findings[0].code) == (Status.FAILED, "photo_not_public")
    assert all("authorization" not in headers for _, _, headers in bucket.seen)
    await runtime.close()
    await bucket.stop()


async def test_in_practice_photos_go_nowhere(tmp_path: Path) -> None:
    runtime = a_runtime(tmp_path / "profile", "https://photos.test/dock")
    assert StationPhotos(runtime, practice=True).public() is None
    assert StationPhotos(runtime, practice=False).public() is not None
    await runtime.close()


@pytest.mark.fault(115)
async def test_the_secret_of_the_environment_does_not_go_where_anybody_could_have_pointed_it(
    tmp_path: Path,
) -> None:
    environ = {EVIDENCE_VARIABLE: SECRET}
    runtime = a_runtime(tmp_path / "profile", "https://photos.test/dock", environ)
    assert environ == {}
    with pytest.raises(AddressUnconfirmed):
        await runtime.evidence_secret.key()
    await runtime.close()


async def test_what_a_person_kept_for_the_place_is_used_there_and_is_no_api_key(tmp_path: Path) -> None:
    runtime = a_runtime(tmp_path / "profile", "https://photos.test/dock")
    await runtime.evidence_secret.keep_key(SECRET)
    assert await runtime.evidence_secret.key() == SECRET
    assert await runtime.secrets.key() is None
    assert runtime.secrets.other_addresses() == ()
    await runtime.close()
