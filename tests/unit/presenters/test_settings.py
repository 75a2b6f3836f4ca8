"""The settings view's presenter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from loopdesk.domain.camera import CameraState
from loopdesk.domain.errors import (
    ApiError,
    CameraUnusable,
    DiskFull,
    HubNotJoined,
    KeyRefused,
    SecretsUnavailable,
    SettingsWrong,
    Unreachable,
)
from loopdesk.domain.hub_join import JoinCode, JoinRefusal
from loopdesk.domain.operators import Operator, Role
from loopdesk.domain.people import PeopleList, PeopleSource, Person
from loopdesk.i18n import formats
from loopdesk.i18n.formats import IsoFormats
from loopdesk.presenters.pages.key_entry import KeyEntry
from loopdesk.presenters.pages.setting_fields import Field
from loopdesk.presenters.pages.settings import SettingsPresenter
from loopdesk.presenters.screens.pages import FieldScreen, SettingsScreen
from loopdesk.presenters.words import errors, hub_words, setting_words
from loopdesk.services.ports.hub import HubShop, JoinedHub
from loopdesk.services.station.connection import ConnectionState, LinkState
from loopdesk.services.station.events import ConnectionChanged, PeopleChanged, StationChanged
from tests.builders import AT
from tests.unit.presenters.rig import Recorder, Rig, a_rig


@dataclass(frozen=True)
class AField:
    """A setting."""

    key: str
    label: str
    kind: str
    value: str
    options: tuple[str, ...] = ()
    unit: str = ""
    source: str = ""
    env: str = ""
    help: str = ""
    locked: bool = False
    for_operator: bool = True
    at_start: bool = False


class Desk:
    """Settings in memory; a hold above 60 is wrong."""

    def __init__(self) -> None:
        self.fields = {
            "hold_seconds": AField("hold_seconds", "Undo window", "number", "8"),
            "theme": AField("theme", "Theme", "choice", "system", ("system", "light", "dark")),
            "double_read": AField("double_read", "Double read", "number", "1.5"),
            "evidence.source": AField(
                "evidence.source", "Photos come from", "choice", "file", ("file", "camera")
            ),
            "evidence.camera": AField("evidence.camera", "Camera", "text", ""),
            "station.name": AField("station.name", "Station", "text", "dock 1", source="policy", locked=True),
        }
        self.failure: Exception | None = None
        self.saved: list[Mapping[str, str]] = []

    def sections(self) -> Sequence[tuple[str, Sequence[Field]]]:
        fields = tuple(self.fields.values())
        return (("Bench", fields[:-1]), ("Station", fields[-1:]))

    def problem(self, key: str, text: str) -> SettingsWrong | None:
        if key == "hold_seconds" and not (text.isdigit() and int(text) <= 60):
            return SettingsWrong("must_be_number", file="settings", key=key, least="0", most="60", unit="s")
        return None

    async def save(self, changes: Mapping[str, str]) -> None:
        if self.failure:
            raise self.failure
        self.saved.append(dict(changes))
        for key, text in changes.items():
            self.fields[key] = replace(self.fields[key], value=text)


class Safe:
    """A key store, and Loop's opinion of keys."""

    def __init__(self) -> None:
        self.kept = ""
        self.used = ""
        self.broken = False
        self.failure: ApiError | None = None
        self.codes: list[str] = []
        self.not_joined = ""

    async def key(self) -> str | None:
        return self.kept or None

    async def keep_key(self, key: str) -> None:
        if self.broken:
            raise SecretsUnavailable
        self.kept = key

    async def forget_key(self) -> None:
        self.kept = ""

    async def check(self, key: str) -> None:
        if self.failure:
            raise self.failure

    async def use(self, key: str) -> None:
        self.used = key

    async def join(self, code: str) -> tuple[JoinedHub, bool]:
        self.codes.append(code)
        if self.not_joined:
            raise HubNotJoined(why=self.not_joined)
        return JoinedHub("https://hub.example", "token", "Dock 3", (HubShop("Shoes", "f" * 16),)), True

    def entry(self) -> KeyEntry:
        """Return what takes keys."""
        return KeyEntry(check=self.check, secrets=self, use=self.use, join=self.join)


class Keys:
    """The binding of the queue to keys."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.by: list[str] = []

    async def same_shop(self, by: Operator) -> None:
        self.by.append(by.name)
        self._rig.line.state = ConnectionState(LinkState.ONLINE)


class Given:
    """The presenter with everything around it."""

    def __init__(self, rig: Rig, *, practice: bool = False) -> None:
        self.desk, self.safe, self.keys = Desk(), Safe(), Keys(rig)
        self.switched: list[bool] = []
        self.printed = 0
        self.renewed = 0
        self.shown_scale = 200
        self.print_failure: Exception | None = None
        self.cameras: tuple[str, ...] | None = ()
        self.searches = 0
        self.destinations: tuple[tuple[str, str], ...] = ()
        self.names: tuple[str, ...] = ()
        self.presenter = SettingsPresenter(
            rig.page,
            desk=self.desk,
            entry=self.safe.entry(),
            line=rig.line,
            same_shop=self.keys.same_shop,
            station=rig.station,
            practice=practice,
            switch_practice=self.switched.append,
            print_sheet=self._print,
            renew_codes=self._renew,
            shown_scale=lambda: self.shown_scale,
            find_cameras=self._find_cameras,
            destinations=lambda: self.destinations,
            people=self._people,
        )
        self._surface = Recorder[SettingsScreen]()
        self.presenter.attach(self._surface)

    async def _print(self) -> str:
        self.printed += 1
        if self.print_failure:
            raise self.print_failure
        return "/profile"

    async def _people(self) -> PeopleList:
        people = tuple(Person(name, name, Role.OPERATOR, AT) for name in self.names)
        return PeopleList(PeopleSource.HUB, AT, people)

    async def _find_cameras(self) -> Sequence[str]:
        self.searches += 1
        if self.cameras is None:
            raise CameraUnusable(why=CameraState.UNSUPPORTED)
        return self.cameras

    async def _renew(self) -> None:
        if self.print_failure:
            raise self.print_failure
        self.renewed += 1

    def screen(self) -> SettingsScreen:
        """Return what is seen."""
        return self._surface.last()

    def keys_shown(self) -> list[str]:
        """Return the settings of the page that is seen."""
        return [x.key for _, fields in self.screen().sections for x in fields]

    def field(self, key: str) -> FieldScreen:
        """Return one field as it is seen."""
        return next(x for _, fields in self.screen().sections for x in fields if x.key == key)


async def test_what_is_entered_counts_when_it_is_saved() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        told: list[StationChanged] = []
        rig.feed.on(StationChanged, told.append)
        given.presenter.change("theme", "dark")
        assert given.field("theme").value == "dark"
        assert given.screen().changed
        assert given.desk.saved == []
        given.presenter.save()
        await rig.settle()
        assert given.desk.saved == [{"theme": "dark"}]
        assert given.screen().saved == "Saved at 09:30."
        assert not given.screen().changed
        assert len(told) == 1


async def test_a_wrong_value_is_marked_and_never_saved() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.change("hold_seconds", "99")
        assert given.field("hold_seconds").problem == "Must be a number from 0 to 60 (s)."
        given.presenter.save()
        await rig.settle()
        assert given.desk.saved == []
        assert given.screen().problem == "Correct what is marked first."
        given.presenter.change("hold_seconds", "10")
        assert given.field("hold_seconds").problem == ""
        assert given.screen().problem == ""


async def test_what_was_entered_can_be_forgotten() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.change("theme", "dark")
        given.presenter.discard()
        assert given.field("theme").value == "system"
        given.presenter.change("theme", "dark")
        given.presenter.change("theme", "system")
        assert not given.screen().changed
        given.presenter.save()
        await rig.settle()
        assert given.desk.saved == []


class WithComma(IsoFormats):
    """A language that parts the fraction by a comma."""

    def number(self, text: str, *, grouped: bool = True) -> str:
        return super().number(text, grouped=grouped).replace(".", ",")

    def read(self, text: str) -> str:
        return text.replace(",", ".")


async def test_a_number_is_entered_as_it_is_shown_and_saved_as_iso_has_it() -> None:
    async with a_rig() as rig:
        formats.use(WithComma())
        try:
            given = Given(rig)
            assert given.field("double_read").value == "1,5"
            given.presenter.change("double_read", "1,5")
            assert not given.screen().changed
            given.presenter.change("double_read", "2,")
            assert given.field("double_read").value == "2,", "what is being typed is left alone"
            given.presenter.change("double_read", "2,5")
            given.presenter.save()
            await rig.settle()
            assert given.desk.saved == [{"double_read": "2.5"}]
            assert given.field("double_read").value == "2,5"
            assert not given.screen().changed
        finally:
            formats.use()


async def test_a_locked_setting_stays_and_says_why() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.change("station.name", "dock 9")
        given.presenter.change("no.such", "x")
        assert given.field("station.name").value == "dock 1"
        assert given.field("station.name").source == "set by IT"
        assert not given.screen().changed


async def _set_elsewhere(given: Given, rig: Rig, key: str, value: str, *, locked: bool = False) -> None:
    source = "hub lock" if locked else "hub"
    field = given.desk.fields[key]
    given.desk.fields[key] = replace(field, value=value, source=source, locked=locked)
    rig.feed.tell(StationChanged())
    await rig.clock.settle()


async def test_what_is_set_elsewhere_is_shown_at_once_and_not_saved_over() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.show()
        await rig.clock.settle()
        given.presenter.change("theme", "dark")
        await _set_elsewhere(given, rig, "hold_seconds", "20")
        field = given.field("hold_seconds")
        assert (field.value, field.source, field.locked) == ("20", "from the hub, for the whole site", False)
        assert (field.news, given.field("theme").news) == ("", "")
        given.presenter.save()
        await rig.clock.settle()
        assert given.desk.saved == [{"theme": "dark"}]


async def test_what_was_entered_stays_and_says_what_was_set_elsewhere_meanwhile() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.show()
        await rig.clock.settle()
        given.presenter.change("hold_seconds", "1")
        given.presenter.change("theme", "dark")
        await _set_elsewhere(given, rig, "hold_seconds", "20")
        await _set_elsewhere(given, rig, "theme", "light")
        given.presenter.change("hold_seconds", "12")
        field = given.field("hold_seconds")
        assert (field.value, field.news) == ("12", "Meanwhile “20” was set elsewhere.")
        assert given.field("theme").news == "Meanwhile light was set elsewhere."
        await _set_elsewhere(given, rig, "theme", "dark")
        assert given.field("theme").news == "", "what is wanted is set"
        given.presenter.save()
        await rig.clock.settle()
        assert given.desk.saved == [{"hold_seconds": "12"}]
        assert (given.field("hold_seconds").news, given.screen().changed) == ("", False)


async def test_what_is_locked_while_something_is_entered_is_shown_and_not_saved() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.show()
        await rig.clock.settle()
        given.presenter.change("hold_seconds", "900")
        await _set_elsewhere(given, rig, "hold_seconds", "20", locked=True)
        field = given.field("hold_seconds")
        assert (field.value, field.locked, field.problem) == ("20", True, "")
        assert (field.source, field.news) == (
            "set by IT, for the whole site",
            "What you entered is not saved: “900”.",
        )
        given.presenter.save()
        await rig.clock.settle()
        assert given.desk.saved == []
        given.presenter.discard()
        assert (given.field("hold_seconds").news, given.screen().changed) == ("", False)


async def test_a_file_that_cannot_be_written_keeps_what_was_entered() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.desk.failure = SettingsWrong("unwritable", file="settings.toml", error="full")
        given.presenter.change("theme", "dark")
        given.presenter.save()
        await rig.settle()
        assert "cannot be written" in given.screen().problem
        assert given.screen().changed
        given.desk.failure = DiskFull()
        given.presenter.save()
        await rig.settle()
        assert given.screen().problem.startswith("NOT KEPT")


async def test_a_good_key_is_kept_and_used() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.enter_key("  abc123\n")
        assert given.screen().checking
        await rig.settle()
        assert (given.safe.kept, given.safe.used) == ("abc123", "abc123")
        assert (given.screen().key_state, given.screen().key_tone) == ("Loop accepts the key.", "ok")
        assert not given.screen().checking


async def test_a_refused_key_is_neither_kept_nor_shown() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.safe.failure = KeyRefused()
        given.presenter.enter_key("canary123")
        await rig.settle()
        assert given.safe.kept == given.safe.used == ""
        assert given.screen().key_tone == "blocked"
        assert "canary123" not in repr(given.screen())
        assert given.screen().key_choice is None


async def test_an_unchecked_key_is_used_only_after_a_yes() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.safe.failure = Unreachable()
        given.presenter.enter_key("canary123")
        await rig.settle()
        assert given.safe.used == ""
        choice = given.screen().key_choice
        assert choice is not None
        assert choice.text == "Use it unchecked…"
        given.presenter.choose("unchecked_key")
        given.presenter.dismiss()
        given.presenter.choose("unchecked_key")
        assert given.screen().asking == choice
        given.presenter.confirm()
        await rig.settle()
        assert given.safe.used == "canary123"
        assert given.screen().key_tone == "offline"
        assert "canary123" not in repr(given.screen())


async def test_a_broken_key_store_keeps_the_key_in_memory() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.safe.broken = True
        given.presenter.enter_key("abc123")
        await rig.settle()
        assert given.safe.used == "abc123"
        assert "in memory until the program ends" in given.screen().key_state
        assert given.screen().key_tone == "offline"


async def test_the_state_of_the_key_follows_the_connection() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.show()
        seen = []
        for link in (LinkState.ONLINE, LinkState.OFFLINE, LinkState.KEY_REFUSED):
            rig.line.state = ConnectionState(link)
            rig.feed.tell(ConnectionChanged())
            await rig.settle()
            seen.append(given.screen().key_tone)
        rig.where = replace(rig.where, key_fingerprint="")
        rig.feed.tell(StationChanged())
        await rig.settle()
        assert seen == ["ok", "offline", "blocked"]
        assert given.screen().key_state == "No key yet. Nothing can be sent to Loop."


async def test_a_key_that_loop_was_not_asked_about_is_not_called_accepted() -> None:
    async with a_rig() as rig:
        rig.line.state = ConnectionState(LinkState.ONLINE, has_answered=False)
        given = Given(rig)
        assert given.screen().key_state == "A key is kept. Loop was not asked about it yet."
        assert given.screen().key_tone == "plain"


async def test_another_keys_actions_ask_whether_it_is_the_same_shop() -> None:
    async with a_rig() as rig:
        rig.line.state = ConnectionState(LinkState.LOCKED, foreign_keys=frozenset({"old"}))
        given = Given(rig)
        assert given.screen().key_tone == "blocked"
        given.presenter.choose("same_shop")
        assert given.keys.by == []
        given.presenter.confirm()
        await rig.settle()
        assert given.keys.by == ["Kim"]
        assert given.screen().key_state == "Loop accepts the key."


@pytest.mark.fault(165)
async def test_actions_for_another_address_name_it_and_ask() -> None:
    async with a_rig() as rig:
        rig.where = replace(rig.where, key_fingerprint="kf@evil.example")
        rig.line.state = ConnectionState(LinkState.LOCKED, foreign_keys=frozenset({"kf@api.loopreturns.com"}))
        given = Given(rig)
        said = (
            "Actions wait here that were decided for api.loopreturns.com. They are not sent to evil.example."
        )
        assert given.screen().key_state == said
        given.presenter.choose("same_shop")
        asking = given.screen().asking
        assert asking is not None
        assert "evil.example is Loop for the same shop as api.loopreturns.com" in asking.consequence


async def test_practice_is_asked_about_first() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.choose("practice")
        assert given.switched == []
        given.presenter.confirm()
        assert given.switched == [True]
        practicing = Given(rig, practice=True)
        assert practicing.screen().key_tone == "accent"
        practicing.presenter.choose("practice")
        practicing.presenter.confirm()
        assert practicing.switched == [False]


async def test_the_sheet_of_codes_is_printed() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.print_codes()
        await rig.settle()
        assert given.printed == 1
        assert given.screen().saved == "Saved in /profile"
        given.print_failure = OSError(28, "No space left on device")
        given.presenter.print_codes()
        await rig.settle()
        assert given.screen().problem == "The sheet was not saved: No space left on device."
        given.print_failure = ValueError("the code of “Grade A” cannot be read back")
        given.presenter.print_codes()
        await rig.settle()
        assert given.screen().problem == (
            "The sheet was not saved: the code of “Grade A” cannot be read back."
        )


async def test_new_codes_are_asked_about_and_say_that_the_old_sheets_are_void() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.choose("new_codes")
        asked = given.screen().asking
        assert asked is not None
        assert "does nothing from now on" in asked.consequence
        given.presenter.dismiss()
        given.presenter.confirm()
        assert given.renewed == 0
        given.presenter.choose("new_codes")
        given.presenter.confirm()
        await rig.settle()
        assert given.renewed == 1
        assert given.screen().saved == "The old sheets do nothing any more. Print the command codes again."


async def test_codes_that_cannot_be_renewed_are_as_before_and_it_is_said() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.print_failure = OSError(13, "Permission denied")
        given.presenter.choose("new_codes")
        given.presenter.confirm()
        await rig.settle()
        assert given.screen().problem == "The codes are as before: Permission denied."


async def test_a_size_that_the_screen_has_no_room_for_is_said_beside_its_setting() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.desk.fields["scale"] = AField("scale", "Size", "number", "150", help="The size of everything.")
        given.presenter.discard()
        assert given.field("scale").help == "The size of everything."
        given.shown_scale = 133
        given.presenter.discard()
        assert given.field("scale").help == (
            "The size of everything. This screen has no room for 150 %: everything is shown at 133 %."
        )
        assert given.field("scale").problem == ""


# --- the camera -------------------------------------------------------------------------------------


async def test_cameras_are_looked_for_only_where_photos_come_from_one() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.show()
        await rig.settle()
        assert given.searches == 0
        assert given.field("evidence.camera").options == (("", "the first that is found"),)


async def test_a_camera_is_chosen_by_its_name_among_those_that_are_connected() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.cameras = ("Desk camera", "Overhead", "Overhead")
        given.presenter.show()
        given.presenter.change("evidence.source", "camera")
        await rig.settle()
        field = given.field("evidence.camera")
        assert (field.kind, [value for value, _ in field.options]) == (
            "choice",
            ["", "Desk camera", "Overhead"],
        )
        given.presenter.change("evidence.camera", "Overhead")
        given.presenter.save()
        await rig.settle()
        assert given.desk.saved == [{"evidence.source": "camera", "evidence.camera": "Overhead"}]


@pytest.mark.parametrize("found", [(), ("Desk camera",), None])
async def test_a_chosen_camera_that_is_not_connected_stays_chosen_and_it_is_said(
    found: tuple[str, ...] | None,
) -> None:
    async with a_rig() as rig:
        given = Given(rig)
        for key, value in (("evidence.source", "camera"), ("evidence.camera", "Overhead")):
            given.desk.fields[key] = replace(given.desk.fields[key], value=value)
        given.cameras = found
        given.presenter.show()
        await rig.settle()
        field = given.field("evidence.camera")
        assert field.value == "Overhead"
        assert ("Overhead", "Overhead (not connected)") in field.options


async def test_who_works_here_is_typed_until_people_are_known_and_then_chosen_by_name() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        desk = given.desk.fields
        desk["station.operator"] = AField("station.operator", "Operator", "text", "Old Hand")
        given.presenter.show()
        await rig.settle()
        assert (given.field("station.operator").kind, given.field("station.operator").options) == ("text", ())
        given.names = ("Ana", "Žofie")
        rig.page.feed.tell(PeopleChanged())
        await rig.settle()
        field = given.field("station.operator")
        assert (field.kind, field.value) == ("choice", "Old Hand")
        assert field.options == (
            ("Ana", "Ana"),
            ("Žofie", "Žofie"),
            ("Old Hand", "Old Hand (not in the list)"),
        )
        given.presenter.change("station.operator", "Žofie")
        given.presenter.save()
        await rig.settle()
        assert given.desk.saved == [{"station.operator": "Žofie"}]
        assert [value for value, _ in given.field("station.operator").options] == ["Ana", "Žofie"]


async def test_the_operators_settings_stand_apart_from_those_of_lead_and_it() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        desk = given.desk.fields
        desk["hold_seconds"] = replace(desk["hold_seconds"], for_operator=False)
        desk["station.name"] = replace(desk["station.name"], for_operator=False)
        assert [(key, text) for key, text in given.screen().pages] == [
            ("bench", "This bench"),
            ("it", "Lead and IT"),
        ]
        given.presenter.choose_page("bench")
        assert given.keys_shown() == ["theme", "double_read", "evidence.source", "evidence.camera"]
        given.presenter.change("theme", "dark")
        given.presenter.choose_page("it")
        assert given.screen().page == "it"
        assert given.keys_shown() == ["hold_seconds", "station.name"]
        assert given.screen().changed
        given.presenter.choose_page("no such page")
        assert given.screen().page == "it"
        given.presenter.save()
        await rig.settle()
        assert given.desk.saved == [{"theme": "dark"}], "what was entered on the other page is saved too"


async def test_a_change_that_waits_for_the_next_start_says_so() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.desk.fields["double_read"] = replace(given.desk.fields["double_read"], at_start=True)
        given.presenter.change("theme", "dark")
        given.presenter.save()
        await rig.settle()
        assert given.screen().saved == "Saved at 09:30."
        given.presenter.change("double_read", "2")
        given.presenter.save()
        await rig.settle()
        said = "Saved at 09:30. Part of it takes effect when the program starts again."
        assert given.screen().saved == said


async def test_a_setting_that_waits_for_the_next_start_says_so_before_it_is_changed() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        plain = given.field("double_read").help
        given.desk.fields["double_read"] = replace(given.desk.fields["double_read"], at_start=True)
        given.presenter.choose_page("bench")
        assert given.field("double_read").help == f"{plain} Another value takes effect at the next start."


async def test_what_was_said_of_a_save_is_put_away() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.change("theme", "dark")
        given.presenter.save()
        await rig.settle()
        assert given.screen().saved
        given.presenter.dismiss()
        assert given.screen().saved == ""


async def test_the_destination_is_chosen_by_the_names_that_loop_told() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        key = "station.destination_id"
        given.desk.fields[key] = AField(key, "Destination", "text", "", help="This dock at Loop.")
        given.presenter.choose_page("bench")
        field = given.field(key)
        assert (field.kind, field.locked) == ("choice", True)
        assert field.help.endswith("Loop's destinations are not known here yet: sync first.")
        given.destinations = (("12", "Reno"), ("7", "Berlin"), ("9", "Reno"))
        given.presenter.choose_page("bench")
        field = given.field(key)
        assert not field.locked
        assert field.options == (
            ("", "not chosen: no warnings"),
            ("7", "Berlin"),
            ("12", "Reno (no. 12)"),
            ("9", "Reno (no. 9)"),
        )
        given.presenter.change(key, "7")
        given.presenter.save()
        await rig.settle()
        assert given.desk.saved == [{key: "7"}]


def test_destinations_whose_names_look_the_same_are_told_apart_by_their_numbers() -> None:
    known = (("12", "Reno"), ("9", " RENO\u200b"), ("7", "Re no"))
    assert [words for _key, words in setting_words.destinations(known, "")[1:]] == [
        " RENO\u200b (no. 9)",
        "Re no",
        "Reno (no. 12)",
    ]


async def test_a_destination_without_a_name_stays_chosen() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        key = "station.destination_id"
        given.desk.fields[key] = AField(key, "Destination", "text", "77")
        given.destinations = (("7", "Berlin"),)
        given.presenter.choose_page("bench")
        assert given.field(key).value == "77"
        assert given.field(key).options[-1] == ("77", "no. 77 (name not known)")


# --- a hub ------------------------------------------------------------------------------------------

CODE = JoinCode("https://hub.example:8443", bytes(range(16))).text()


async def test_a_hubs_code_that_was_scanned_joins_after_a_second_yes() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.take_join_code(CODE)
        asking = given.screen().asking
        assert asking is not None
        assert "hub.example" in asking.consequence
        assert given.safe.codes == []
        given.presenter.confirm()
        await rig.settle()
        assert given.safe.codes == [CODE]
        assert "Dock 3" in given.screen().key_state
        assert given.screen().asking is None


async def test_a_hubs_code_that_is_put_away_is_forgotten() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.take_join_code(CODE)
        given.presenter.dismiss()
        given.presenter.choose("join_hub")
        given.presenter.confirm()
        await rig.settle()
        assert given.safe.codes == []


async def test_a_hubs_code_that_is_pasted_into_the_key_field_joins() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.enter_key(CODE)
        await rig.settle()
        assert given.safe.codes == [CODE]
        assert given.safe.kept == ""


@pytest.mark.parametrize("why", [*JoinRefusal, "join_unreachable", "join_certificate", "join_queue"])
async def test_why_a_bench_was_not_joined_is_said_with_what_to_do(why: str) -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.safe.not_joined = why
        given.presenter.enter_key(CODE)
        await rig.settle()
        failure = HubNotJoined(why=why)
        assert given.screen().key_state == f"{errors.title(failure)} {errors.advice(failure)}"
        assert given.screen().key_tone == "blocked"


async def test_a_damaged_code_is_said_to_be_damaged_and_asks_nothing() -> None:
    async with a_rig() as rig:
        given = Given(rig)
        given.presenter.take_join_code(CODE[:-3])
        assert given.screen().asking is None
        assert "not complete" in given.screen().key_state


@pytest.mark.parametrize("trouble", hub_words.TROUBLES)
async def test_what_is_wrong_with_the_hub_stands_where_the_key_is(trouble: str) -> None:
    async with a_rig() as rig:
        rig.line.state = ConnectionState(LinkState.KEY_REFUSED, trouble=trouble)
        given = Given(rig)
        text, tone = hub_words.TROUBLES[trouble]
        assert given.screen().key_state == f"{text}."
        assert given.screen().key_tone == tone
