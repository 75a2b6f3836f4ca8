"""Which command codes act at a station and in practice mode, and that secrets are never shown."""

from __future__ import annotations

from pathlib import Path

from loopdesk.app.runtime import Options, prepare_runtime, without_secrets
from loopdesk.domain.labels.command_codes import printed
from loopdesk.domain.labels.scans import CodeKind
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings.desk import SettingsDesk

SITE = "the-secret-of-the-whole-site"
WORD = "LDCMDCONFIRM"


def kinds(profile: Profile, *codes: str, site: str = "") -> list[CodeKind | None]:
    """What each code is at a station with this profile."""
    profile.create()
    runtime = prepare_runtime(profile, Options(), {"LOOPDESK_SCANNER_SITE_SECRET": site} if site else {})
    try:
        reader = runtime.command_codes()
        found = [reader.read(code or reader.printed(WORD)) for code in codes]
    finally:
        runtime.logs.close()
    return [None if one is None else one.kind for one in found]


def test_no_program_that_is_started_inherits_a_secret(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "bench")
    profile.create()
    environ = {"LOOPDESK_SCANNER_SITE_SECRET": SITE, "LOOPDESK_API_KEY": "a-key", "PATH": "/bin"}
    whole = without_secrets(environ)
    assert environ == {"PATH": "/bin"}
    for _ in range(2):  # practice and back again
        given = dict(whole)
        runtime = prepare_runtime(profile, Options(), given)
        runtime.logs.close()
        assert runtime.settings.scanner.site_secret == SITE
        assert runtime.secrets.from_environment
        assert given == {"PATH": "/bin"}


def own_sheet(profile: Profile) -> str:
    """What the station itself prints for confirming."""
    return printed(WORD, (profile.folder / "station-secret").read_text().strip())


def test_a_stations_sheet_acts_there_and_at_no_other(tmp_path: Path) -> None:
    here, there = Profile(tmp_path / "here" / "bench"), Profile(tmp_path / "there" / "bench")
    assert kinds(here, "") == [CodeKind.COMMAND]
    assert kinds(there, own_sheet(here)) == [CodeKind.WRONG]


def test_a_sites_sheet_acts_at_every_station_that_has_the_secret(tmp_path: Path) -> None:
    sheet = printed(WORD, SITE)
    for name in ("here", "there"):
        assert kinds(Profile(tmp_path / name / "bench"), sheet, site=SITE) == [CodeKind.COMMAND]
    assert kinds(Profile(tmp_path / "guest" / "bench"), sheet) == [CodeKind.WRONG]


def test_practice_has_its_own_secret_and_not_the_sites(tmp_path: Path) -> None:
    bench = Profile(tmp_path / "bench")
    assert kinds(bench, "", site=SITE) == [CodeKind.COMMAND]
    assert kinds(bench.practice, printed(WORD, SITE), own_sheet(bench), "", site=SITE) == [
        CodeKind.WRONG,
        CodeKind.WRONG,
        CodeKind.COMMAND,
    ]
    assert kinds(bench, own_sheet(bench.practice)) == [CodeKind.WRONG], "a practice sheet does nothing here"


def test_the_sites_secret_is_shown_nowhere(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "bench")
    profile.create()
    runtime = prepare_runtime(profile, Options(), {"LOOPDESK_SCANNER_SITE_SECRET": SITE})
    try:
        desk = SettingsDesk(runtime.settings_file, lambda: runtime.loaded, lambda _loaded: None, str)
        shown = [
            field for _, fields in desk.sections() for field in fields if field.key.endswith("site_secret")
        ]
        assert [(field.kind, field.value) for field in shown] == [("secret", "•••••")]
        wrong = desk.problem("scanner.site_secret", "•••••x")
        assert wrong is not None
        assert (wrong.why, wrong.values) == ("must_be_secret", {"least": 16})
        everything = [
            repr(runtime.settings),
            str(runtime.settings.shown()),
            runtime.redactor.clean(f"trace {SITE} {runtime.station_secret.value()} {printed(WORD, SITE)}"),
        ]
        letters = printed(WORD, SITE).removeprefix(WORD)
        for text in everything:
            assert SITE not in text
            assert runtime.station_secret.value() not in text
            assert letters not in text
    finally:
        runtime.logs.close()
