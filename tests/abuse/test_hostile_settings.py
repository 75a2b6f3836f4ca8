"""Whatever is typed into a setting: it is refused in a sentence, or it is saved and read again as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.presenters.words import setting_words
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings.desk import SettingsDesk
from loopdesk.system.settings.file import SettingsFile
from loopdesk.system.settings.model import SETTINGS

HOSTILE = (
    *("", " ", "\0", "a\0b", "a\nb", "\x7f\x1b[31m", "\u202eabc", "\ud800", "'\"\\\n[station]\nname = 1"),
    *("x" * 100_000, "../../etc/passwd", "~nobody/x", "//nas/share", "%s%n", "{0}", "{item}", "${HOME}"),
    *("https://user:word@host/x", "https://[", "https://[::1", "https://[name]/", "https://\u2100.test/"),
    *("https://host:port/", "http://127.0.0.1:99999999/", "https://host\\@other/", "file:///etc/passwd"),
    *("-1", "1e309", "nan", "inf", "0x10", "１", "1_000", "1" * 5_000, "true"),
    *("{}", "[", '{"a": null}', '{"a": {"b": 1}}', "[" * 20_000, '{"a":' * 20_000),
)


@pytest.fixture
def desk(tmp_path: Path) -> SettingsDesk:
    file = SettingsFile(Profile(tmp_path), {})
    loaded = file.load()
    return SettingsDesk(file, lambda: loaded, lambda _loaded: None, str)


@pytest.mark.fault(109, 118)
@pytest.mark.parametrize("key", [known.key for known in SETTINGS])
async def test_a_setting_is_refused_in_words_or_read_again_as_it_was_saved(
    desk: SettingsDesk, tmp_path: Path, key: str
) -> None:
    for text in HOSTILE:
        wrong = desk.problem(key, text)
        if wrong is not None:
            assert setting_words.complaint(wrong)
            continue
        await desk.save({key: text})
        shown = {field.key: field.value for _, fields in desk.sections() for field in fields}
        again = SettingsFile(Profile(tmp_path), {})
        read = SettingsDesk(again, again.load, lambda _loaded: None, str).sections()
        assert shown == {field.key: field.value for _, fields in read for field in fields}, (key, text[:40])


@pytest.mark.parametrize("url", ["https://[", "https://host:port/x", "https://\u2100.test/"])
@pytest.mark.parametrize("table", ["api", "evidence", "updates"])
def test_an_address_that_is_none_is_wrong_in_the_file_too(tmp_path: Path, table: str, url: str) -> None:
    (tmp_path / "settings.toml").write_text(f'[{table}]\nurl = "{url}"\n', encoding="utf-8")
    with pytest.raises(SettingsWrong, match="must_be_https"):
        SettingsFile(Profile(tmp_path), {}).load()
