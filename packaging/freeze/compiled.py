"""Compiles the frozen modules without their docstrings.

Nobody reads them there, and on Windows two programs would carry them. What ``python -OO`` does would take the
asserts away as well.
"""

from __future__ import annotations

import ast
import marshal
from collections.abc import Iterable
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType

Entry = tuple[str, str, str]
"""A module as PyInstaller lists it: its name, its source, and how it is kept."""

IN_PLACE = "-"
"""What stands in a docstring's place. It is not empty: a dataclass without one writes its own when it is
imported, which takes time, and some libraries join theirs from others'."""

_HEADER = MAGIC_NUMBER + bytes(12)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def code(source: bytes, file: str) -> CodeType:
    """Compile a module's source; all but the docstrings is as Python itself compiles it.

    Args:
        file: Where the source is, for tracebacks.
    """
    tree = ast.parse(source, file)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            first.value = ast.copy_location(ast.Constant(IN_PLACE), first.value)
    return compile(tree, file, "exec", dont_inherit=True)


def modules(found: Iterable[Entry], folder: Path) -> list[Entry]:
    """Compile what PyInstaller found in Python into a folder. Returns the same modules, from there.

    What is no source stays: a package of nothing but other packages, a module that came compiled.
    """
    return [(name, _module(name, Path(source), folder), kind) for name, source, kind in found]


def _module(name: str, source: Path, folder: Path) -> str:
    if source.suffix != ".py":
        return str(source)
    # PyInstaller recognizes a package by its file's name.
    inside = "__init__" if source.stem == "__init__" else "module"
    file = folder.joinpath(*name.split("."), inside).with_suffix(".pyc")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_HEADER + marshal.dumps(code(source.read_bytes(), str(source))))
    return str(file)
