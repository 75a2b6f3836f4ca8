"""What only POSIX systems let a test do: check permissions, and make the disk fail."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loopdesk.domain.errors import StoreError, StoreReadOnly
from loopdesk.store.store import Store, open_store
from tests.builders import AT, a_draft, rebuild


@pytest.mark.fault(122)
async def test_only_this_user_can_read_the_store(tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    store = await open_store(folder, rebuild)
    await store.drafts.save(a_draft())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
        "loopdesk.db": 0o600,
        "loopdesk.db-wal": 0o600,
        "loopdesk.db-shm": 0o600,
        "loopdesk.generation": 0o600,
        "loopdesk.reserve": 0o600,
    }
    await store.close()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Make every write beyond that size fail, as a broken disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.fault(65)
async def test_after_a_disk_error_the_handle_is_not_used_again_and_nothing_is_lost(store: Store) -> None:
    await store.audit.write("before", AT)
    first = await store.database.read(lambda db: db)
    with no_file_larger_than(store.database.path.with_name("loopdesk.db-wal").stat().st_size):
        with pytest.raises(StoreError) as caught:
            await store.audit.write("during", AT, detail={"much": "x" * 20_000})
        assert "IOError" in caught.value.detail
    await store.audit.write("after", AT)
    assert await store.database.read(lambda db: db) is not first
    assert [row.event for row in await store.audit.rows()] == ["before", "after"]
    assert await store.audit.verify() is None
    assert await store.database.integrity() == ()


@pytest.mark.fault(66)
async def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreReadOnly):
        await open_store(tmp_path / "file" / "profile", rebuild)
