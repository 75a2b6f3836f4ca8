"""A missing display is reported in words: Qt itself would abort the program with a core dump."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.domain.errors import NoDisplay
from loopdesk.ui.app import require_display


@pytest.mark.fault(173)
@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"DISPLAY": ""},
        {"QT_QPA_PLATFORM": "xcb"},
        {"QT_QPA_PLATFORM": "wayland;xcb", "WAYLAND_DISPLAY": "wayland-0"},
        {"WAYLAND_DISPLAY": "gone", "XDG_RUNTIME_DIR": "/nonexistent"},
        {"DISPLAY": ":4999"},
    ],
)
def test_a_missing_display_is_noticed(environ: dict[str, str]) -> None:
    with pytest.raises(NoDisplay):
        require_display(environ, "linux")


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_no_display_is_not_refused_where_none_is_needed(platform: str) -> None:
    for name in ("offscreen", "minimal", "vnc:size=1x1"):
        require_display({"QT_QPA_PLATFORM": name}, platform)
    if platform != "linux":
        require_display({}, platform)


def test_a_wayland_socket_is_not_refused_as_no_display(tmp_path: Path) -> None:
    (tmp_path / "wayland-0").touch()
    require_display({"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux")
