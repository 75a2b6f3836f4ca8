"""The icons hold what each system shows."""

from __future__ import annotations

import pytest
from freeze import icon


def test_the_windows_icon_holds_every_size_that_windows_asks_for() -> None:
    assert icon.ico_sizes((icon.HERE / "loopdesk.ico").read_bytes()) == list(icon.ICO_SIZES)


def test_the_macos_icon_holds_every_size_that_macos_asks_for() -> None:
    assert icon.icns_entries((icon.HERE / "loopdesk.icns").read_bytes()) == list(icon.ICNS_SIZES)


def test_the_linux_pictures_have_the_edge_that_they_are_named_after() -> None:
    for edge in icon.PNG_SIZES:
        png = (icon.HERE / f"loopdesk-{edge}.png").read_bytes()
        assert png.startswith(b"\x89PNG")
        assert [int.from_bytes(png[at : at + 4], "big") for at in (16, 20)] == [edge, edge]


def test_a_picture_is_drawn_in_the_edge_asked_for() -> None:
    png = icon.draw((icon.HERE / "loopdesk.svg").read_bytes(), 16)
    assert int.from_bytes(png[16:20], "big") == 16


def test_what_is_no_icon_is_refused() -> None:
    png = (icon.HERE / "loopdesk-48.png").read_bytes()
    with pytest.raises(ValueError, match="Windows"):
        icon.ico_sizes(png)
    with pytest.raises(ValueError, match="macOS"):
        icon.icns_entries(png)
