"""Themes: every text has enough contrast, one style sheet covers everything, scale and system are
followed."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from loopdesk.ui import assets, theme
from loopdesk.ui.theme import ROLES, TEXT_PAIRS, THEMES, apply_theme, contrast, look, read_theme


@pytest.mark.parametrize("name", THEMES)
def test_every_text_pair_can_be_read(dressed: QApplication, name: str) -> None:
    read = read_theme(name)
    least = 7.0 if name == "contrast" else 4.5
    assert read.least_contrast == least
    poor = {
        (ink, ground): round(contrast(read.roles[ink], read.roles[ground]), 2)
        for ink, ground in TEXT_PAIRS
        if contrast(read.roles[ink], read.roles[ground]) < least
    }
    assert not poor


def test_the_contrast_ratio_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == pytest.approx(1.0)


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_names_exactly_the_roles_that_are_used(dressed: QApplication, name: str) -> None:
    assert set(read_theme(name).roles) == set(ROLES)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("scale", [100, 150, 200])
def test_the_style_sheet_is_filled_whole(dressed: QApplication, name: str, scale: int) -> None:
    sheet = theme.style_sheet(read_theme(name, scale))
    assert "@" not in sheet
    assert not re.search(r"\d+sp\b", sheet)
    assert f"font-size: {round(28 * scale / 100)}px" in sheet


def test_a_theme_with_a_missing_role_is_refused(
    dressed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = assets.read_text("themes:light.toml")
    monkeypatch.setattr(theme, "read_text", lambda _name: whole.replace('muted = "#55606E"', ""))
    with pytest.raises(ValueError, match="muted"):
        read_theme("light")


def test_applying_a_theme_sets_palette_font_and_sheet(dressed: QApplication) -> None:
    dark = apply_theme(dressed, "dark", 150)
    assert look() is dark
    assert dressed.palette().color(QPalette.ColorRole.Window) == dark.color("ground")
    assert dressed.font().pixelSize() == 23
    assert dark.roles["surface"] in dressed.styleSheet()


@pytest.mark.parametrize(("wanted", "kept"), [(50, 100), (100, 100), (180, 180), (500, 200)])
def test_the_scale_stays_between_100_and_200_percent(dressed: QApplication, wanted: int, kept: int) -> None:
    assert apply_theme(dressed, "light", wanted).scale == kept


def test_system_follows_the_computer_and_a_chosen_theme_does_not(
    dressed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = dressed.styleHints()
    apply_theme(dressed, "system")
    # The offscreen platform has no color scheme of its own: what the computer asks for is set by hand.
    monkeypatch.setattr(theme, "_system_theme", lambda: "dark")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert look().name == "dark"
    apply_theme(dressed, "contrast")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert look().name == "contrast"


def test_a_property_dresses_a_widget_without_naming_a_color(dressed: QApplication, qtbot: QtBot) -> None:
    label = QLabel("Blocked")
    qtbot.addWidget(label)
    label.show()
    theme.mark(label, "tone", "blocked")
    assert label.palette().color(QPalette.ColorRole.WindowText) == look().color("blocked")
    apply_theme(dressed, "dark")
    assert label.palette().color(QPalette.ColorRole.WindowText) == look().color("blocked")
    assert not label.styleSheet()


def test_icons_take_the_color_they_are_asked_for(dressed: QApplication) -> None:
    assets.release_icons()
    red = assets.tinted("check", 24, look().color("blocked"), 2.0)
    image = red.toImage()
    assert (red.width(), red.devicePixelRatio()) == (48, 2.0)
    inks = {
        image.pixelColor(x, y).name().upper()
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() > 250
    }
    assert inks == {look().roles["blocked"]}


def test_an_icon_that_is_not_there_is_empty(dressed: QApplication) -> None:
    assets.release_icons()
    assert assets.tinted("no-such-icon", 24, look().color("text")).isNull()
    assert assets.tinted("", 24, look().color("text")).isNull()
    assert assets.picture("/no/such/file.png", 24).isNull()
