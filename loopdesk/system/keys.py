"""Secrets: the API key in the system's key store by address, and the station's own in its profile."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from loopdesk.domain.api_key import KeyFault, key_fault, pasted_key
from loopdesk.domain.errors import AddressUnconfirmed, KeyUnusable, SecretsUnavailable
from loopdesk.system.host.paths import replace_file
from loopdesk.system.settings.model import KEY_VARIABLE

log = logging.getLogger("loopdesk.start")

FILE_NAME = "key-addresses"


class KeyPlaces:
    """The list of one profile: one address per line."""

    def __init__(self, profile_folder: Path, name: str = FILE_NAME) -> None:
        self._file = profile_folder / name

    def known(self) -> tuple[str, ...]:
        """Return the addresses in order; none if the list cannot be read."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return ()
        return tuple(sorted({line.strip() for line in lines} - {""}))

    def add(self, url: str) -> None:
        """Record that there is a key for an address."""
        self._write({*self.known(), url})

    def remove(self, url: str) -> None:
        """Record that its key is gone."""
        self._write(set(self.known()) - {url})

    def _write(self, urls: set[str]) -> None:
        if urls == set(self.known()):
            return
        try:
            replace_file(self._file, "".join(f"{url}\n" for url in sorted(urls)))
        except OSError as error:  # the list is a convenience; the key itself is kept
            log.warning("key_addresses_failed error=%s", type(error).__name__)


SERVICE = "loopdesk"
LIMIT_SECONDS = 10.0

_REFUSED_MODULES = ("keyrings.alt", "keyring.backends.fail", "keyring.backends.null")
_REFUSED_WORDS = ("plaintext", "uncrypted", "unencrypted", "null", "fail")

T = TypeVar("T")


class Backend(Protocol):
    """The part of a ``keyring`` backend that is used."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the stored password, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Delete a password; raises if there is none."""
        ...


class HeldKey:
    """A key that no log line, traceback or debugger shows by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself."""
        return self._value

    def __repr__(self) -> str:
        return "<key>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<key>"

    def __reduce__(self) -> Any:
        raise TypeError("a key is not written anywhere")


def cleaned_key(text: str) -> str | None:
    """Return a key as it goes into a header, or None if it cannot be one; see ``domain.api_key``."""
    return pasted_key(text) if key_fault(text) is None else None


def system_backend() -> Backend:
    """Return the system's key store as found by ``keyring``. May block, so it is called in a thread."""
    import keyring  # noqa: PLC0415 - searches for backends on import, which can take seconds

    return keyring.get_keyring()


def refused_backend(backend: object) -> str:
    """Return what rules out a key store, or "" if it is usable.

    A store that writes plain text, forgets, or only fails is worse than none: the key would seem to be
    stored.
    """
    for inner in getattr(backend, "backends", None) or ():
        if refused_backend(inner):
            return refused_backend(inner)
    module, name = type(backend).__module__, type(backend).__name__
    refused = module.startswith(_REFUSED_MODULES) or any(word in name.casefold() for word in _REFUSED_WORDS)
    return f"{module}.{name}" if refused else ""


@dataclass(frozen=True, slots=True)
class FoundStores:
    """The key stores that ``keyring`` found.

    Attributes:
        chosen: The backend it would use, by module and class.
        refused: What rules it out, or "".
        entry_points: The modules of the backends that the installation declares. None means that
            ``keyring``'s own metadata is missing; then it fails silently.
    """

    chosen: str
    refused: str
    entry_points: tuple[str, ...]


def found_stores() -> FoundStores:
    """Look for key stores without querying any. May block, like ``system_backend``."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - reads every installed description

    named = {entry.module for entry in entry_points(group="keyring.backends")}
    chosen = system_backend()
    name = f"{type(chosen).__module__}.{type(chosen).__name__}"
    return FoundStores(name, refused_backend(chosen), tuple(sorted(named)))


class KeyringSecrets:
    """The API key of one profile at one address, behind ``services.ports.station.Secrets``.

    What allows storing photos at the place for photos is kept in the same way, under its own address.

    Every call to the key store runs in a daemon thread: a key store may hang forever behind a dialog that
    nobody sees.

    Args:
        profile_folder: Whose key.
        api_url: For which address; no other address ever gets this key.
        environ: May contain ``variable``; it is removed, so that no child process inherits it.
        learn: Called with every key seen, so that logs can redact it.
        backend: Returns the key store.
        limit_seconds: Timeout of a call to the key store.
        variable: The variable of the environment that may contain it.
        places: Name of the file that lists for which addresses there is one.
        is_confirmed: Whether the address comes from a source that may decide where the environment's key
            goes. Any other address gets it only if the key store holds a key for that address: a person
            entered it there.
    """

    def __init__(
        self,
        profile_folder: Path,
        api_url: str,
        environ: MutableMapping[str, str],
        *,
        learn: Callable[[str], None],
        backend: Callable[[], Backend] = system_backend,
        limit_seconds: float = LIMIT_SECONDS,
        is_confirmed: bool = True,
        variable: str = KEY_VARIABLE,
        places: str = FILE_NAME,
    ) -> None:
        self._folder = profile_folder.resolve()
        self._api_url = api_url
        self._is_confirmed = is_confirmed
        self._places = KeyPlaces(profile_folder, places)
        self._learn = learn
        self._backend = backend
        self._limit_seconds = limit_seconds
        self._hung = False
        self._asked = False
        self._held: HeldKey | None = None
        self._from_environment = False
        self._wrong: KeyFault | None = None
        self._take(environ.pop(variable, ""))

    def _take(self, given: str) -> None:
        """Take the key from the environment. An invalid one still takes precedence over any other."""
        if not given.strip():
            return
        self._wrong = key_fault(given)
        if self._wrong is None:
            self._hold(pasted_key(given))
            self._from_environment = True
        else:
            self._learn(given.strip())  # invalid as it is, it may contain the right one

    @property
    def _username(self) -> str:
        """The username under which the key is stored."""
        import hashlib  # noqa: PLC0415 - not before the key store is asked

        place = f"{self._folder}\n{self._api_url}"
        return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def from_environment(self) -> bool:
        """Whether the key in use came from the environment of this run."""
        return self._from_environment

    async def key(self) -> str | None:
        """Return the API key: from the environment, from memory, or from the key store; None if there is
        none.

        Raises:
            KeyUnusable: The environment's key is invalid; the key store is not asked then.
            AddressUnconfirmed: The environment's key may not go to this address.
            SecretsUnavailable: The key store cannot be used and no key is in memory.
        """
        if self._wrong is not None:
            raise KeyUnusable(why=self._wrong.value)
        if self._from_environment and not self._is_confirmed:
            self._is_confirmed = bool(await self._stored())
            if not self._is_confirmed:
                raise AddressUnconfirmed(self._api_url)
        if self._held is None and not self._asked:
            stored = await self._stored()
            self._asked = True
            kept = cleaned_key(stored) if stored else None
            if kept is not None:
                self._hold(kept)
        return self._held.reveal() if self._held is not None else None

    async def _stored(self) -> str | None:
        return await self._call(lambda store: store.get_password(SERVICE, self._username))

    def go_to(self, api_url: str, *, is_confirmed: bool) -> None:
        """Switch to another address and drop the key read for the previous one.

        Args:
            is_confirmed: As in the constructor.
        """
        self._api_url, self._is_confirmed = api_url, is_confirmed
        if not self._from_environment:
            self._held, self._asked = None, False

    async def keep_key(self, key: str) -> None:
        """Use a key from now on and store it. A key from the environment is used but not stored.

        Raises:
            ValueError: It is not a valid key (see ``cleaned_key``).
            SecretsUnavailable: It could not be stored; it is used until the program ends.
        """
        new = cleaned_key(key)
        if new is None:
            raise ValueError("a key is 1 to 512 characters, letters, digits and signs, without spaces")
        if self._from_environment and self._held is not None and self._held.reveal() == new:
            return
        self._hold(new)
        self._from_environment, self._wrong = False, None
        await self._call(lambda store: store.set_password(SERVICE, self._username, new))
        self._places.add(self._api_url)
        log.info("key_stored")

    async def forget_key(self) -> None:
        """Remove the key from memory and from the key store.

        Raises:
            SecretsUnavailable: The key store still has it; it is no longer used in this run.
        """
        self._held = None
        self._asked = True
        self._from_environment, self._wrong = False, None
        await self._call(self._remove)
        self._places.remove(self._api_url)
        log.info("key_removed")

    def other_addresses(self) -> tuple[str, ...]:
        """Return the other addresses for which this profile's user has stored a key."""
        return tuple(url for url in self._places.known() if url != self._api_url)

    def _remove(self, store: Backend) -> None:
        if store.get_password(SERVICE, self._username) is not None:
            store.delete_password(SERVICE, self._username)

    def _hold(self, key: str) -> None:
        self._learn(key)
        self._held = HeldKey(key)

    async def _call(self, ask: Callable[[Backend], T]) -> T:
        """Query the key store in a thread, with a timeout."""
        if self._hung:  # each further call would leave another hanging thread
            raise SecretsUnavailable(why="silent_before")
        from loopdesk.system.host.watchdog import ask_in_thread  # noqa: PLC0415 - not before there is a loop

        try:
            return await ask_in_thread(
                lambda: self._ask(ask), limit_seconds=self._limit_seconds, name="loopdesk-key-store"
            )
        except TimeoutError:
            self._hung = True
            log.warning("key_store_hangs seconds=%g", self._limit_seconds)
            raise SecretsUnavailable(why="silent", seconds=f"{self._limit_seconds:g}") from None

    def _ask(self, ask: Callable[[Backend], T]) -> T:
        """Query, and translate whatever a key store raises. Runs in the thread."""
        try:
            store = self._backend()
            refused = refused_backend(store)
            if not refused:
                return ask(store)
        except Exception as error:  # noqa: BLE001 - back ends raise anything; their texts may hold the key
            log.warning("key_store_failed error=%s", type(error).__name__)
            raise SecretsUnavailable(why="failed", error=type(error).__name__) from None
        raise SecretsUnavailable(why="unsafe", name=refused)


# --- the station's own secret -----------------------------------------------------------------------

STATION_FILE = "station-secret"
_FORM = re.compile(r"[0-9a-f]{64}")


class StationSecret:
    """Reads the secret on first use and creates one if there is none.

    Args:
        folder: The profile's folder.
        learn: Called with the secret, so that logs and bundles can redact it.
    """

    def __init__(self, folder: Path, learn: Callable[[str], None]) -> None:
        self._file = folder / STATION_FILE
        self._learn = learn
        self._value: str | None = None

    def value(self) -> str:
        """Return the secret; "" if the file can neither be read nor created: then no printed code acts."""
        if self._value is None:
            try:
                self._value = self._read() or self._make()
            except OSError as failure:
                log.warning("station_secret_unusable error=%s", type(failure).__name__)
                self._value = ""
            self._learn(self._value)
        return self._value

    def renew(self) -> None:
        """Replace the secret; every sheet printed with the old one becomes void.

        Raises:
            OSError: It could not be written; the old one stays in force.
        """
        self._value = self._make()
        self._learn(self._value)

    def _read(self) -> str:
        """Return the content of the file, "" if it is missing or not one of ours."""
        try:
            text = self._file.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return ""
        if not _FORM.fullmatch(text):
            log.warning("station_secret_damaged")
            return ""
        return text

    def _make(self) -> str:
        new = secrets.token_hex(32)
        replace_file(self._file, new + "\n")
        log.info("station_secret_made")
        return new
