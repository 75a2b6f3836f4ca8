"""The rooms of the program: draws them in ``docs/architecture.md`` from the code, and the flows between them.

The floors are the layers of the import contract in ``pyproject.toml``. What a room is for is the first line
of its docstring, so that the page and the code cannot disagree. ``python -m tests.rooms`` draws them again.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests import flows

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "loopdesk"
PAGE = ROOT / "docs" / "architecture.md"

BEGIN = "<!-- The {name}, drawn by `make docs` from {source}. -->"
END = "<!-- End of the {name}. -->"

MOST_FILES = 20
"""More modules than this in one room are more than one idea."""

_WIDTH = 110
_INDENT = 16
_NAMED = re.compile(
    r"(?<![\w/.])((?:app|hub|selfcheck|ui|api|store|system|simulator|presenters|services|domain|i18n)(?:/\w+)+)"
)


def floors() -> list[list[str]]:
    """Return the layers from the top down, each with the rooms that are strangers to each other."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers: list[str] = next(each["layers"] for each in contracts if each["id"] == "layers")
    return [re.split(r"\s*[|:]\s*", layer) for layer in layers]


def rooms(floor: str) -> dict[str, Path]:
    """Return the package of a floor and those inside it, by dotted name; none for a plain module."""
    return {
        ".".join(path.parent.relative_to(HOUSE).parts): path
        for path in sorted((HOUSE / floor).rglob("__init__.py"))
    }


def every() -> dict[str, Path]:
    """Return all rooms of the house."""
    return {room: path for floor in floors() for name in floor for room, path in rooms(name).items()}


def described(path: Path) -> str:
    """Return the first line of a module's docstring, "" if there is none."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


def files(path: Path) -> int:
    """Count the modules of a room, without those of the rooms inside it."""
    return sum(1 for each in path.parent.glob("*.py") if each.name != "__init__.py")


def drawing() -> str:
    """Draw the house: a rule between floors, one line for each room."""
    lines = ["```"]
    for number, floor in enumerate(floors()):
        if number:
            lines.append("─" * _WIDTH)
        for name in floor:
            found = rooms(name)
            lines += [_line(room, path) for room, path in found.items()]
            if not found:
                lines.append(_entry(name, described(HOUSE / f"{name}.py")))
    return "\n".join([*lines, "```"])


def _line(room: str, path: Path) -> str:
    *above, name = room.split(".")
    return _entry("  " * len(above) + name, described(path))


def _entry(name: str, words: str) -> str:
    return f"{name:<{_INDENT}}{words}"


DRAWINGS: dict[str, tuple[str, Callable[[], str]]] = {
    "house": ("the docstrings of the packages", drawing),
    "scan": ("tests/flows.py", partial(flows.drawn_flow, flows.SCAN)),
    "action": ("tests/flows.py", partial(flows.drawn_flow, flows.ACTION)),
    "stages": ("the legal moves", flows.drawn_stages),
}
"""The drawings of the page: from what each is made, and how."""


def drawn(text: str) -> str:
    """Return the page with every drawing made again.

    Raises:
        ValueError: The page has no place for one.
    """
    for name, (source, draw) in DRAWINGS.items():
        begin, end = BEGIN.format(name=name, source=source), END.format(name=name)
        start, stop = text.index(begin) + len(begin), text.index(end)
        text = f"{text[:start]}\n\n{draw()}\n\n{text[stop:]}"
    return text


def named(text: str) -> set[str]:
    """Return the paths of rooms and modules that a page names, such as ``services/bench/intake``."""
    return set(_NAMED.findall(text))


def exists(path: str) -> bool:
    """Whether a path as pages write it is a room or a module."""
    return (HOUSE / path).is_dir() or (HOUSE / f"{path}.py").is_file()


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), encoding="utf-8")
