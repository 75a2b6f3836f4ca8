"""The program's effects on the outside, read off its source: what it opens, writes and depends on."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture import ROOT, modules


def _calls(name: str) -> list[tuple[str, str]]:
    """Return every call of something with this last name: the file, and the call as it is written."""
    return [
        (module.path, ast.unparse(node))
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _last(node.func) == name
    ]


def _last(called: ast.expr) -> str:
    """Return the last word of what is called."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _imported(word: str) -> list[str]:
    """Return the files that import something whose name begins so."""
    pattern = re.compile(rf"^\s*(?:from|import)\s+{word}\b", re.MULTILINE)
    return [module.path for module in modules() if pattern.search(module.text)]


@pytest.mark.fault(106)
def test_no_address_that_loop_gives_is_ever_opened() -> None:
    opened = _calls("openUrl")
    assert opened == [("loopdesk/ui/printing.py", "QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))")]
    assert _imported("webbrowser") == []


@pytest.mark.fault(106, 107)
def test_qt_fetches_nothing_from_the_network() -> None:
    """Product pictures come by ``api/pictures`` alone."""
    assert _imported("PySide6.QtNetwork") == []
    assert _calls("setHtml") == []
    assert _calls("QNetworkAccessManager") == []
    assert _calls("setSource") == []


def test_nothing_of_qts_is_cloned() -> None:
    """PySide frees no clone of an event: each key that was pressed would stay for good. A copy is freed."""
    assert _calls("clone") == []


@pytest.mark.fault(105, 110)
def test_one_table_is_exported_and_nothing_goes_to_the_clipboard() -> None:
    """The queue is printed as text or as JSON; there is nothing in which a formula or markup could act.

    In the table of people no cell begins a formula, which its own tests show.

    The clipboard is read for a pasted photo, and never written.
    """
    assert _imported("csv") == ["loopdesk/domain/people.py"]
    assert _calls("clipboard") == [("loopdesk/ui/photo_drop.py", "QGuiApplication.clipboard()")]
    read = "QGuiApplication.clipboard().mimeData()"
    assert read in [call for _, call in _calls("mimeData")]
    assert _calls("setMimeData") == []
    assert _calls("toHtml") == []


@pytest.mark.fault(82)
def test_no_process_is_forked_with_a_connection_open() -> None:
    assert _calls("fork") == []
    assert _imported("multiprocessing") == []


@pytest.mark.fault(147)
@pytest.mark.parametrize("name", ["run", "dev", "package", "hub"])
def test_every_dependency_is_pinned_by_its_hash(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    pinned = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(pinned) > 20
    for line in pinned:
        assert re.match(r"^[\w.\[\]-]+==\S+", line), line
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line
