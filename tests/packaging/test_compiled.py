"""The frozen modules have no docstrings, and do all else that their sources do."""

from __future__ import annotations

import dataclasses
import dis
import marshal
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from freeze import compiled

from tests.architecture import ROOT

SOURCE = b'''"""Words of the module."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Parcel:
    """Words of the class."""

    count: int


def divide(parcel: Parcel, by: int) -> int:
    """Words of the function."""
    assert by, "by nothing"
    return parcel.count // by


async def only_words() -> None:
    """Words of nothing else."""


def says() -> str:
    text = """Words that are a value."""
    return text
'''


def _run(code: CodeType) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": __name__}
    exec(code, names)
    return names


def _inside(code: CodeType) -> Iterator[CodeType]:
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _inside(value)


def _steps(code: CodeType) -> list[tuple[str, int | None]]:
    return [
        (step.opname, step.positions.lineno if step.positions else None)
        for step in dis.get_instructions(code)
    ]


def test_no_docstring_is_left_and_every_other_text_is() -> None:
    code = compiled.code(SOURCE, "parcel.py")
    kept = [value for part in _inside(code) for value in part.co_consts if isinstance(value, str)]
    assert [value for value in kept if value.startswith("Words")] == ["Words that are a value."]
    assert _run(code)["says"]() == "Words that are a value."


def test_an_assert_still_fails_at_the_line_of_its_source() -> None:
    names = _run(compiled.code(SOURCE, "parcel.py"))
    with pytest.raises(AssertionError, match="by nothing") as caught:
        names["divide"](names["Parcel"](3), 0)
    last = caught.traceback[-1]
    assert (Path(last.path).name, last.lineno + 1) == ("parcel.py", 17)
    assert SOURCE.splitlines()[16].strip().startswith(b"assert")


def test_a_dataclass_does_not_stop_to_write_a_docstring_of_its_own() -> None:
    parcel = _run(compiled.code(SOURCE, "parcel.py"))["Parcel"]
    assert parcel.__doc__ == compiled.IN_PLACE
    assert [field.name for field in dataclasses.fields(parcel)] == ["count"]


def test_byte_code_without_docstrings_is_otherwise_what_python_makes() -> None:
    """Of a whole package of the program: the same names, lines and instructions."""
    for path in sorted((ROOT / "loopdesk" / "domain").rglob("*.py")):
        made = compiled.code(path.read_bytes(), path.name)
        by_python = compile(path.read_bytes(), path.name, "exec", dont_inherit=True)
        for ours, theirs in zip(_inside(made), _inside(by_python), strict=True):
            assert _steps(ours) == _steps(theirs), (path, ours.co_name)
            assert ours.co_names == theirs.co_names


def test_a_module_and_a_package_are_where_pyinstaller_tells_them_apart(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for name in ("__init__.py", "parcel.py"):
        (sources / name).write_bytes(SOURCE)
    found = [
        ("dock", str(sources / "__init__.py"), "PYMODULE"),
        ("dock.parcel", str(sources / "parcel.py"), "PYMODULE"),
        ("google", "-", "PYMODULE"),
        ("sealed", "sealed.pyc", "PYMODULE"),
    ]
    made = compiled.modules(found, tmp_path / "made")
    assert [(name, kind) for name, _, kind in made] == [(name, kind) for name, _, kind in found]
    package, module, *others = (source for _, source, _ in made)
    assert others == ["-", "sealed.pyc"]
    assert Path(package).stem == "__init__" != Path(module).stem
    for file in (package, module):
        data = Path(file).read_bytes()
        assert data.startswith(MAGIC_NUMBER)
        assert _run(marshal.loads(data[16:]))["__doc__"] == compiled.IN_PLACE


def test_every_program_is_made_of_what_was_compiled_without_docstrings() -> None:
    spec = (ROOT / "packaging" / "loopdesk.spec").read_text("utf-8")
    assert spec.count("PYZ(") == spec.count("PYZ(compiled.modules(analysis.pure,") == 1


def test_nothing_of_the_program_reads_a_docstring() -> None:
    read = [path for path in (ROOT / "loopdesk").rglob("*.py") if "__doc__" in path.read_text("utf-8")]
    assert read == []
    asked = [path for path in (ROOT / "loopdesk").rglob("*.py") if "getdoc(" in path.read_text("utf-8")]
    assert asked == []
