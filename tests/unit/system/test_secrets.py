"""The API key and the key stores that fail, hang, refuse or write plain text."""

from __future__ import annotations

import copy
import logging
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend

from loopdesk.domain.errors import AddressUnconfirmed, KeyUnusable, SecretsUnavailable
from loopdesk.system.keys import (
    SERVICE,
    Backend,
    HeldKey,
    KeyringSecrets,
    cleaned_key,
    refused_backend,
    system_backend,
)
from tests.fakes.key_store import KeyStore

CANARY = "CANARY-key-0123456789"
URL = "https://api.loopreturns.com/api"


class RaisingStore(KeyStore):
    """A key store that is locked, and whose error message repeats the secret."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError(f"locked {CANARY}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"denied {password}")


class HangingStore(KeyStore):
    """A key store behind a prompt that nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.calls = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.calls += 1
        self.released.wait()
        return CANARY


FAIL_STORE: Backend = fail.Keyring()  # type: ignore[no-untyped-call]  # as keyring has it
NULL_STORE: Backend = null.Keyring()  # type: ignore[no-untyped-call]


class PlaintextKeyring(KeyStore):
    """Named as the well-known store that writes a plain file."""


@pytest.fixture
def hanging() -> Iterator[HangingStore]:
    store = HangingStore()
    yield store
    store.released.set()
    for thread in threading.enumerate():
        if thread.name == "loopdesk-key-store":
            thread.join()


def secrets_of(
    folder: Path,
    store: Backend,
    environ: dict[str, str] | None = None,
    *,
    url: str = URL,
    learn: Callable[[str], None] = lambda _: None,
    limit_seconds: float = 10.0,
) -> KeyringSecrets:
    return KeyringSecrets(
        folder,
        url,
        {} if environ is None else environ,
        learn=learn,
        backend=lambda: store,
        limit_seconds=limit_seconds,
    )


async def test_a_kept_key_is_there_at_the_next_start(tmp_path: Path) -> None:
    store = KeyStore()
    first = secrets_of(tmp_path, store)
    assert await first.key() is None
    await first.keep_key(f"  {CANARY}\n")
    assert await first.key() == CANARY
    assert await secrets_of(tmp_path, store).key() == CANARY


async def test_each_profile_and_each_address_has_its_own_key(tmp_path: Path) -> None:
    store = KeyStore()
    (tmp_path / "a").mkdir()
    await secrets_of(tmp_path / "a", store).keep_key(CANARY)
    assert await secrets_of(tmp_path / "b", store).key() is None
    assert await secrets_of(tmp_path / "a", store, url="https://elsewhere.example/api").key() is None
    assert await secrets_of(tmp_path / "a", store).key() == CANARY
    assert [service for service, _ in store.kept] == [SERVICE]
    assert str(tmp_path) not in str(list(store.kept))


@pytest.mark.fault(114)
async def test_the_environments_key_is_used_and_never_stored_nor_inherited(tmp_path: Path) -> None:
    store = KeyStore()
    await secrets_of(tmp_path, store).keep_key("of-the-store")
    environ = {"LOOPDESK_API_KEY": CANARY, "PATH": "/bin"}
    secrets = secrets_of(tmp_path, store, environ)
    assert environ == {"PATH": "/bin"}
    assert await secrets.key() == CANARY
    assert secrets.from_environment
    await secrets.keep_key(CANARY)
    assert list(store.kept.values()) == ["of-the-store"]


async def test_a_key_entered_in_spite_of_the_environment_is_used_and_stored(tmp_path: Path) -> None:
    store = KeyStore()
    secrets = secrets_of(tmp_path, store, {"LOOPDESK_API_KEY": "refused-by-loop"})
    await secrets.keep_key(CANARY)
    assert await secrets.key() == CANARY
    assert list(store.kept.values()) == [CANARY]
    assert not secrets.from_environment


async def test_a_forgotten_key_is_gone_from_memory_and_store(tmp_path: Path) -> None:
    store = KeyStore()
    secrets = secrets_of(tmp_path, store)
    await secrets.keep_key(CANARY)
    await secrets.forget_key()
    await secrets.forget_key()
    assert await secrets.key() is None
    assert store.kept == {}


@pytest.mark.fault(112)
async def test_a_store_that_raises_is_named_without_its_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = secrets_of(tmp_path, RaisingStore())
    with pytest.raises(SecretsUnavailable) as read:
        await secrets.key()
    with pytest.raises(SecretsUnavailable) as write:
        await secrets.keep_key(CANARY)
    for caught in (read, write):
        assert CANARY not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    assert CANARY not in caplog.text


@pytest.mark.fault(112)
@pytest.mark.expects_log("key_store_failed")
async def test_a_key_that_cannot_be_stored_lives_until_the_program_ends(tmp_path: Path) -> None:
    secrets = secrets_of(tmp_path, RaisingStore())
    with pytest.raises(SecretsUnavailable):
        await secrets.keep_key(CANARY)
    assert await secrets.key() == CANARY


@pytest.mark.fault(112)
@pytest.mark.expects_log("key_store_hangs")
async def test_a_store_that_hangs_is_left_behind_once(tmp_path: Path, hanging: HangingStore) -> None:
    secrets = secrets_of(tmp_path, hanging, limit_seconds=0.05)
    for _ in range(3):
        with pytest.raises(SecretsUnavailable, match="silent"):
            await secrets.key()
    assert hanging.calls == 1
    assert all(x.daemon for x in threading.enumerate() if x.name == "loopdesk-key-store")


@pytest.mark.expects_log("key_store_hangs")
async def test_a_key_entered_while_the_store_hangs_is_used(tmp_path: Path, hanging: HangingStore) -> None:
    secrets = secrets_of(tmp_path, hanging, limit_seconds=0.05)
    with pytest.raises(SecretsUnavailable):
        await secrets.key()
    with pytest.raises(SecretsUnavailable):
        await secrets.keep_key(CANARY)
    assert await secrets.key() == CANARY


def chained(*stores: object) -> ChainerBackend:
    class Chain(ChainerBackend):
        backends = stores

    return Chain()  # type: ignore[no-untyped-call]  # as keyring has it


@pytest.mark.fault(112)
def test_stores_that_do_not_keep_a_key_safely_are_refused_by_name() -> None:
    alternative = type("EncryptedKeyring", (KeyStore,), {"__module__": "keyrings.alt.file"})
    for store in (
        FAIL_STORE,
        NULL_STORE,
        PlaintextKeyring(),
        alternative(),
        chained(KeyStore(), NULL_STORE),
    ):
        assert refused_backend(store), store
    for store in (KeyStore(), chained(KeyStore())):
        assert refused_backend(store) == ""


@pytest.mark.parametrize("store", [FAIL_STORE, NULL_STORE, PlaintextKeyring()])
async def test_a_refused_store_never_sees_the_key(tmp_path: Path, store: Backend) -> None:
    secrets = secrets_of(tmp_path, store)
    with pytest.raises(SecretsUnavailable, match="unsafe"):
        await secrets.keep_key(CANARY)
    assert getattr(store, "kept", {}) == {}
    assert await secrets.key() == CANARY


@pytest.mark.expects_log("key_store_failed")
async def test_a_failing_search_for_a_store_is_no_bug(tmp_path: Path) -> None:
    def no_bus() -> Backend:
        raise ConnectionError("no session bus")

    secrets = KeyringSecrets(tmp_path, URL, {}, learn=lambda _: None, backend=no_bus)
    with pytest.raises(SecretsUnavailable, match="ConnectionError"):
        await secrets.key()


def test_the_system_store_is_what_keyring_finds() -> None:
    assert isinstance(refused_backend(system_backend()), str)


async def test_every_key_seen_is_told_to_the_logs(tmp_path: Path) -> None:
    store, told = KeyStore(), list[str]()
    secrets = secrets_of(tmp_path, store, {"LOOPDESK_API_KEY": "first-key"}, learn=told.append)
    await secrets.keep_key("second-key")
    await secrets_of(tmp_path, store, learn=told.append).key()
    assert told == ["first-key", "second-key", "second-key"]


@pytest.mark.parametrize("text", ["", "  ", "a b", "a\nb", "a\rX-Other: b", "schlüssel", "x" * 513, "a\x00b"])
async def test_what_cannot_be_a_key_is_refused(tmp_path: Path, text: str) -> None:
    assert cleaned_key(text) is None
    store = KeyStore()
    with pytest.raises(ValueError, match="a key is 1 to 512"):
        await secrets_of(tmp_path, store).keep_key(text)
    assert store.kept == {}
    given = secrets_of(tmp_path, store, {"LOOPDESK_API_KEY": text})
    if text.strip():
        with pytest.raises(KeyUnusable):
            await given.key()
    else:
        assert await given.key() is None


@pytest.mark.fault(172)
async def test_what_the_environment_gave_wrong_hides_behind_no_other_key(tmp_path: Path) -> None:
    store = KeyStore()
    await secrets_of(tmp_path, store).keep_key(CANARY)
    told: list[str] = []
    given = secrets_of(tmp_path, store, {"LOOPDESK_API_KEY": f"{CANARY} {CANARY}"}, learn=told.append)
    with pytest.raises(KeyUnusable):
        await given.key()
    assert told == [f"{CANARY} {CANARY}"]
    await given.keep_key(CANARY)
    assert await given.key() == CANARY, "a person entered one in its place"


async def test_keys_for_other_addresses_are_known_by_their_address(tmp_path: Path) -> None:
    store = KeyStore()
    there = [
        KeyringSecrets(tmp_path, url, {}, learn=lambda _: None, backend=lambda: store)
        for url in (URL, "https://a.example/api", "https://b.example/api")
    ]
    for each in there:
        await each.keep_key(CANARY)
    assert there[0].other_addresses() == ("https://a.example/api", "https://b.example/api")
    await there[1].forget_key()
    assert there[0].other_addresses() == ("https://b.example/api",)
    assert CANARY not in (tmp_path / "key-addresses").read_text()


def test_what_can_be_a_key_is_taken() -> None:
    assert cleaned_key("k") == "k"
    assert cleaned_key(f"\t{'x' * 512}\r\n") == "x" * 512


def test_a_held_key_never_shows_itself() -> None:
    key = HeldKey(CANARY)
    assert CANARY not in f"{key} {key!r} {key:>40} {[key]}"
    for leak in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            leak(key)
    assert key.reveal() == CANARY


@pytest.mark.fault(165)
async def test_the_environments_key_goes_to_no_address_that_nobody_confirmed(tmp_path: Path) -> None:
    store, elsewhere = KeyStore(), "https://evil.example/api"

    def given(url: str, *, is_confirmed: bool) -> KeyringSecrets:
        environ = {"LOOPDESK_API_KEY": CANARY}
        told: list[str] = []
        return KeyringSecrets(
            tmp_path, url, environ, learn=told.append, backend=lambda: store, is_confirmed=is_confirmed
        )

    assert await given(elsewhere, is_confirmed=True).key() == CANARY
    with pytest.raises(AddressUnconfirmed):
        await given(elsewhere, is_confirmed=False).key()
    moved = given(URL, is_confirmed=True)
    assert await moved.key() == CANARY
    moved.go_to(elsewhere, is_confirmed=False)
    with pytest.raises(AddressUnconfirmed):
        await moved.key()
    await secrets_of(tmp_path, store, url=elsewhere).keep_key("entered-there-by-a-person")
    assert await given(elsewhere, is_confirmed=False).key() == CANARY


@pytest.mark.fault(165)
async def test_a_key_in_memory_stays_behind_when_the_address_changes(tmp_path: Path) -> None:
    store = KeyStore()
    secrets = secrets_of(tmp_path, store)
    await secrets.keep_key(CANARY)
    secrets.go_to("https://evil.example/api", is_confirmed=False)
    assert await secrets.key() is None
    secrets.go_to(URL, is_confirmed=True)
    assert await secrets.key() == CANARY
