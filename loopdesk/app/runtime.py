"""What every way of running loopdesk needs: profile, settings, logs, key store, store."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loopdesk.domain.api_key import host_of
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.store.database import FILE_NAME, Database, OpenReport
from loopdesk.system.host.clock import SystemClock
from loopdesk.system.host.logs import Logs, Redactor
from loopdesk.system.host.paths import Profile, choose_profile, resources_dir
from loopdesk.system.keys import Backend, KeyringSecrets, StationSecret, system_backend
from loopdesk.system.settings.file import Loaded, SettingsFile, Source
from loopdesk.system.settings.model import EVIDENCE_VARIABLE, KEY_VARIABLE, SETTINGS, Settings

if TYPE_CHECKING:
    from loopdesk.domain.returns.grading import Vocabulary
    from loopdesk.domain.returns.returns import Return
    from loopdesk.services.bench.intake import CommandCodes
    from loopdesk.store.store import Store


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line.

    Attributes:
        values: Settings given there, by dotted key.
        practice: Run against the built-in simulator, in a profile of its own.
        practice_values: Settings imposed by practice mode, by dotted key.
    """

    profile: str | None = None
    values: Mapping[str, str] | None = None
    practice: bool = False
    practice_values: Mapping[str, str] | None = None

    @staticmethod
    def of(arguments: Namespace) -> Options:
        """Read the options that all commands share."""
        names = {"api_url": "api.url", "station": "station.name", "operator": "station.operator"}
        given = {key: getattr(arguments, name) for name, key in names.items() if hasattr(arguments, name)}
        practice = bool(getattr(arguments, "demo", False))
        return Options(getattr(arguments, "profile", None), given, practice)

    def in_practice(self, api_url: str, more: Mapping[str, str]) -> Options:
        """Add the settings of practice mode; only its address overrides the command line.

        Args:
            api_url: Where the simulator is.
            more: Further settings, by dotted key.
        """
        wanted = {"station.name": PRACTICE_STATION, "station.operator": PRACTICE_OPERATOR, **more}
        own = {key: text for key, text in wanted.items() if key not in (self.values or {})}
        return replace(self, practice_values={**own, "api.url": api_url})


PRACTICE_STATION, PRACTICE_OPERATOR = N_("practice dock"), N_("you")
"""Who works where in practice: texts of ours, said in the window's language wherever a name is shown."""


@dataclass(slots=True)
class Runtime:
    """The opened profile. Closed last."""

    profile: Profile
    settings_file: SettingsFile
    loaded: Loaded
    redactor: Redactor
    logs: Logs
    clock: SystemClock
    secrets: KeyringSecrets
    evidence_secret: KeyringSecrets
    station_secret: StationSecret
    _database: Database | None = None
    _store: Store | None = None
    _vocabulary: Vocabulary | None = None

    @property
    def settings(self) -> Settings:
        """The settings in use now."""
        return self.loaded.settings

    def open_store(self, *, is_ours: bool = True) -> None:
        """Open the store's file; takes milliseconds, and there may be no event loop yet.

        Args:
            is_ours: Whether this process holds the profile's lock. Only the owner repairs what is broken:
                another process may be working on the same files.

        Raises:
            StoreError: It cannot be opened.
        """
        file, tally = self.profile.store_folder / FILE_NAME, self.profile.tally_file
        self._database = Database.open_now(file, repair=is_ours, tally=tally)

    @property
    def store(self) -> Store:
        """The store; its file was opened before."""
        if self._store is None:
            # Imported late: the window is painted without the code of every table.
            from loopdesk.store.store import store_of

            assert self._database is not None, "the store is not open"
            self._store = store_of(self._database, _rebuild)
        return self._store

    @property
    def vocabulary(self) -> Vocabulary:
        """The station's vocabulary, read on first use. Raises ``SettingsWrong``."""
        if self._vocabulary is None:
            self._vocabulary = self.read_vocabulary()
        return self._vocabulary

    def use_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Use another vocabulary from now on."""
        self._vocabulary = vocabulary

    def read_vocabulary(self, named: str | None = None) -> Vocabulary:
        """Read a vocabulary file again.

        Args:
            named: As the setting names it; None for the setting's own.

        Raises:
            SettingsWrong: It cannot be read, or something in it is wrong.
        """
        from loopdesk.system.settings.vocabulary import load_vocabulary, vocabulary_file

        named = self.settings.vocabulary if named is None else named
        return load_vocabulary(vocabulary_file(named, self.profile.folder, resources_dir()))

    def command_codes(self) -> CommandCodes:
        """Make the service that recognizes and prints this station's command codes.

        Practice mode uses only the secret of its own profile: its sheets must not act at the bench.
        """
        # Imported late: nothing is recognized before the window is painted.
        from loopdesk.presenters.commands import COMMANDS
        from loopdesk.services.bench.intake import CodeSecrets, CommandCodes

        def secrets() -> CodeSecrets:
            is_practice = self.profile == self.profile.practice
            site = "" if is_practice else self.settings.scanner.site_secret
            self.redactor.learn(site)
            return CodeSecrets(self.station_secret.value(), site)

        return CommandCodes(words=[x.code for x in COMMANDS], secrets=secrets, clock=self.clock)

    async def close(self) -> None:
        """Close the store, then the logs."""
        if self._database is not None:
            await self._database.close()
        self.logs.close()


SECRET_VARIABLES = frozenset({KEY_VARIABLE, EVIDENCE_VARIABLE, *(x.env for x in SETTINGS if x.secret)})
"""Variables that no child process may inherit."""


def without_secrets(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Remove every secret from the environment; return a copy that still has them."""
    whole = dict(environ)
    for name in SECRET_VARIABLES:
        environ.pop(name, None)
    return whole


def open_profile(options: Options, environ: Mapping[str, str]) -> Profile:
    """Choose the profile's folder and create it, private to the user."""
    profile = choose_profile(options.profile, environ, practice=options.practice)
    profile.create()
    return profile


def prepare_runtime(
    profile: Profile,
    options: Options,
    environ: MutableMapping[str, str] | None = None,
    *,
    key_store: Callable[[], Backend] = system_backend,
) -> Runtime:
    """Read the settings and open the log; the store stays closed and the vocabulary unread.

    Args:
        environ: The environment; the API key and every other secret is removed from it.
        key_store: Returns the key store.

    Raises:
        SettingsWrong: The settings cannot be used.
    """
    environ = os.environ if environ is None else environ
    settings_file = SettingsFile(profile, environ, options.values, practice=options.practice_values)
    for name in SECRET_VARIABLES - {KEY_VARIABLE, EVIDENCE_VARIABLE}:  # removed by the object that holds it
        environ.pop(name, None)
    loaded = settings_file.load()
    settings = loaded.settings
    redactor = Redactor()
    logs = Logs(profile.log_folder, redactor, settings.log_level)
    logs.open()
    secrets = KeyringSecrets(
        profile.folder,
        settings.api.url,
        environ,
        learn=redactor.learn,
        backend=key_store,
        is_confirmed=is_confirmed(loaded),
    )
    evidence_secret = KeyringSecrets(
        profile.folder,
        evidence_address(settings),
        environ,
        learn=redactor.learn,
        backend=key_store,
        is_confirmed=is_evidence_confirmed(loaded),
        variable=EVIDENCE_VARIABLE,
        places=EVIDENCE_PLACES,
    )
    redactor.learn(settings.scanner.site_secret)
    station_secret = StationSecret(profile.folder, redactor.learn)
    return Runtime(
        profile,
        settings_file,
        loaded,
        redactor,
        logs,
        SystemClock(),
        secrets,
        evidence_secret,
        station_secret,
    )


def is_confirmed(loaded: Loaded) -> bool:
    """Whether the address comes from a source that may decide where the environment's key goes.

    That is IT, or anyone who starts the program and provides the key; anybody may have changed the profile's
    file.
    """
    is_loops_own = host_of(loaded.settings.api.url) == host_of(Settings().api.url)
    return is_loops_own or loaded.which_source("api.url") is not Source.FILE


EVIDENCE_PLACES = "evidence-addresses"


def evidence_address(settings: Settings) -> str:
    """Return under which address the secret of the place for photos is kept; never that of an API key."""
    return f"evidence {settings.evidence.url}"


def is_evidence_confirmed(loaded: Loaded) -> bool:
    """Whether the place's address comes from a source that may decide where the environment's secret goes."""
    return loaded.which_source("evidence.url") is not Source.FILE


async def open_runtime(
    profile: Profile,
    options: Options,
    environ: MutableMapping[str, str] | None = None,
    *,
    key_store: Callable[[], Backend] = system_backend,
    is_ours: bool = True,
    speak: Callable[[str], None] | None = None,
) -> Runtime:
    """Open a profile including its store. For arguments see ``prepare_runtime`` and ``Runtime.open_store``.

    Args:
        speak: Called with the language that is set, before anything else can fail.

    Raises:
        SettingsWrong: Settings or vocabulary cannot be used.
        StoreError: The store cannot be opened.
    """
    runtime = prepare_runtime(profile, options, environ, key_store=key_store)
    try:
        if speak is not None:
            speak(runtime.settings.language)
        _ = runtime.vocabulary  # an invalid one fails every command before it starts
        runtime.open_store(is_ours=is_ours)
    except BaseException:
        await runtime.close()
        raise
    return runtime


def _rebuild(body: str, is_details: bool) -> Return:
    """Make a return from a body that was saved; the JSON translation is loaded on first use."""
    from loopdesk.api.translate import from_body

    return from_body(body, is_details)


def findings(report: OpenReport) -> tuple[str, str]:
    """Return the sentence that a person must know, and its consequence; both "" after a normal opening."""
    if report.damaged is not None:
        sentence = _("This station's store was damaged and has been replaced. The damaged file was kept.")
        detail = ngettext(
            "1 unfinished action was saved; see Attention.",
            "{n} unfinished actions were saved; see Attention.",
            report.salvaged,
        )
        return sentence, detail
    if report.lost:
        return _("This station's store was missing. What was kept in it is gone unless IT restores it."), ""
    if report.log is not None and report.log.changes:
        missing = ngettext(
            "The end of this station's store was damaged: 1 change is missing. A copy was kept.",
            "The end of this station's store was damaged: {n} changes are missing. A copy was kept.",
            report.log.changes,
        )
        return missing, _("Loop is asked what is true before anything is sent.")
    if report.restored:
        return _(
            "An older copy of the store was restored. Loop is asked what is true before anything is sent."
        ), ""
    return "", ""
