"""What every way of running loopdesk stands on: profile, settings, logs, key store, store."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass

from loopdesk.api.translate import from_body
from loopdesk.domain.grading import Vocabulary
from loopdesk.store.store import Store, open_store
from loopdesk.system.clock import SystemClock
from loopdesk.system.logs import Logs, Redactor
from loopdesk.system.paths import Profile, choose_profile, resources_dir
from loopdesk.system.secrets import Backend, KeyringSecrets, system_backend
from loopdesk.system.settings_file import Loaded, SettingsFile
from loopdesk.system.vocabulary import load_vocabulary, vocabulary_file


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for.

    Attributes:
        values: Settings given there, by dotted key.
        practice: Run against the built-in imitation, in a profile of its own.
    """

    profile: str | None = None
    values: Mapping[str, str] | None = None
    practice: bool = False

    @staticmethod
    def of(arguments: Namespace) -> Options:
        """Read the options that all commands share."""
        names = {"api_url": "api.url", "station": "station.name", "operator": "station.operator"}
        given = {key: getattr(arguments, name) for name, key in names.items() if hasattr(arguments, name)}
        practice = bool(getattr(arguments, "demo", False))
        return Options(getattr(arguments, "profile", None), given, practice)


@dataclass(slots=True)
class Ground:
    """The opened profile. Closed last of all."""

    profile: Profile
    settings_file: SettingsFile
    loaded: Loaded
    redactor: Redactor
    logs: Logs
    clock: SystemClock
    vocabulary: Vocabulary
    secrets: KeyringSecrets
    store: Store

    def read_vocabulary(self) -> Vocabulary:
        """Read the vocabulary file anew. Raises ``SettingsWrong``."""
        return _read_vocabulary(self.profile, self.loaded)

    async def close(self) -> None:
        """Close the store, then the logs."""
        await self.store.close()
        self.logs.close()


def open_profile(options: Options, environ: Mapping[str, str]) -> Profile:
    """Choose the profile's folder and make it, private to the user."""
    profile = choose_profile(options.profile, environ, practice=options.practice)
    profile.create()
    return profile


async def open_ground(
    profile: Profile,
    options: Options,
    environ: MutableMapping[str, str] | None = None,
    *,
    key_store: Callable[[], Backend] = system_backend,
) -> Ground:
    """Open a profile.

    Args:
        environ: The environment; the API key is taken out of it.
        key_store: How to get the key store.

    Raises:
        SettingsWrong: Settings or vocabulary cannot be used.
        StoreError: The store cannot be opened.
    """
    environ = os.environ if environ is None else environ
    settings_file = SettingsFile(profile, environ, options.values)
    loaded = settings_file.load()
    settings = loaded.settings
    vocabulary = _read_vocabulary(profile, loaded)
    redactor = Redactor()
    logs = Logs(profile.log_folder, redactor, settings.log_level)
    logs.open()
    secrets = KeyringSecrets(
        profile.folder, settings.api.url, environ, learn=redactor.learn, backend=key_store
    )
    try:
        store = await open_store(profile.store_folder, from_body)
    except BaseException:
        logs.close()
        raise
    return Ground(profile, settings_file, loaded, redactor, logs, SystemClock(), vocabulary, secrets, store)


def _read_vocabulary(profile: Profile, loaded: Loaded) -> Vocabulary:
    named = loaded.settings.vocabulary
    return load_vocabulary(vocabulary_file(named, profile.folder, resources_dir()))
