"""What must hold for the program's source, as functions of a module's syntax tree.

Each check takes a ``Module`` and yields where it is broken. The imports between layers are watched by
import-linter; this is what it cannot see.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MOST_FILE_LINES = 600
MOST_CLASS_LINES = 350
MOST_FUNCTION_LINES = 50

ROOT = Path(__file__).resolve().parent.parent

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Module:
    """One source file.

    Attributes:
        path: From the root of the checkout, with forward slashes: ``loopdesk/ui/theme.py``.
    """

    path: str
    text: str
    tree: ast.Module

    @staticmethod
    def of(path: str, text: str) -> Module:
        """Parse a file's text."""
        return Module(path, text, ast.parse(text, path))


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a check is broken."""

    line: int
    what: str


Check = Callable[[Module], Iterator[Breach]]


@cache
def modules() -> tuple[Module, ...]:
    """Read every module of the program, once."""
    paths = sorted((ROOT / "loopdesk").rglob("*.py"))
    return tuple(Module.of(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths)


# --- exceptions, each with its reason ---------------------------------------------------------------

CLOCKS = {
    "loopdesk/system/host/clock.py": "the clock itself",
    "loopdesk/simulator/http/server.py": "the simulator's own clock",
}
"""Where the wall clock may be read."""

STOPWATCHES = {
    "loopdesk/system/host/clock.py": "the clock itself",
    "loopdesk/ui/input/scan_filter.py": "a default argument: Qt's key time stamps are set against it",
    "loopdesk/system/host/sounds.py": "a default argument: how long a sound plays",
    "loopdesk/system/host/logs.py": "a default argument: repeated lines count by real time, not the shop's",
    "loopdesk/selfcheck/ui_driver.py": "the hand that plays the tour waits in real time",
}
"""Where seconds that never go back may be read besides through ``services.ports.Clock``."""

STARTS_TASKS = {
    "loopdesk/services/station/tasks.py": "the only place that starts coroutines",
}
"""Where tasks may be created. The simulator runs outside of it, see ``starts_a_task``."""

ONE_MEANING = {
    "port": (
        {
            *(
                "Arrivals",
                "AuditUploads",
                "Drafts",
                "LabelPrints",
                "Mysteries",
                "Outbox",
                "Overview",
                "People",
            ),
            *("PhotoQueue", "ScanTransactions", "SeenParcels"),
        },
        "loopdesk/store/",
    ),
    "protocol": ({"SettingsDesk"}, "loopdesk/system/"),
    "hub": ({"Bench", "Database", "Migration"}, "loopdesk/hub/"),
    "simulator": (
        {"Destination", "Disposition", "Exchange", "LineItem", "Note", "Return", "Settings"},
        "loopdesk/simulator/",
    ),
}
"""Class names that stand twice, and under which folder the second one is: a port and what implements it, what
a page asks and what gives it, what a bench has over SQLite and the hub over PostgreSQL, and Loop's own words
in the simulator, which imports nothing of the program."""

TEXTS = "loopdesk/ui/texts.py"
"""The helper through which foreign text reaches labels and tool tips."""


# --- syntax -----------------------------------------------------------------------------------------


def _dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for a chain of names, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def _last(call: ast.Call) -> str:
    """Return the last name of what is called, whatever stands before it."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for: ``{"now": "datetime.datetime.now"}`` and the like."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({each.asname or each.name: each.name for each in node.names})
        elif isinstance(node, ast.ImportFrom):
            names.update({each.asname or each.name: f"{node.module}.{each.name}" for each in node.names})
    return names


def _full(node: ast.AST, names: dict[str, str]) -> str:
    """Return a dotted name with its first part replaced by what was imported under it."""
    head, dot, rest = _dotted(node).partition(".")
    return names.get(head, head) + dot + rest


def _docstrings(tree: ast.AST) -> set[int]:
    """Return the ids of the constants that are docstrings, of attributes too."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


# --- Qt and asyncio ---------------------------------------------------------------------------------

_BLOCKING = re.compile(r"\b(QMessageBox|QFileDialog|QInputDialog|QColorDialog|QFontDialog)\.(\w+)$")


def runs_a_nested_loop(module: Module) -> Iterator[Breach]:
    """``exec`` and the static dialogs run a loop inside the loop and strand other tasks."""
    for call in _calls(module.tree):
        found = _BLOCKING.search(_dotted(call.func))
        is_static = found is not None and found[2][0].islower()
        if (isinstance(call.func, ast.Attribute) and call.func.attr in ("exec", "exec_")) or is_static:
            yield Breach(call.lineno, f"{ast.unparse(call.func)}() runs a nested event loop")


def decorates_slots_with_qasync(module: Module) -> Iterator[Breach]:
    """``asyncSlot`` and ``asyncClose`` start tasks that nobody holds."""
    for node in ast.walk(module.tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in ("asyncSlot", "asyncClose"):
            yield Breach(node.lineno, name)  # type: ignore[attr-defined]


def imports_qasync(module: Module) -> Iterator[Breach]:
    """Qt's loop and asyncio's meet in app alone."""
    if module.path.startswith("loopdesk/app/"):
        return
    for node in ast.walk(module.tree):
        named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        named += [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if any(name.split(".")[0] == "qasync" for name in named):
            yield Breach(node.lineno, "imports qasync")  # type: ignore[attr-defined]


def starts_a_task(module: Module) -> Iterator[Breach]:
    """A task that nobody holds vanishes, and its failure with it."""
    if module.path in STARTS_TASKS or module.path.startswith("loopdesk/simulator/"):
        return
    for call in _calls(module.tree):
        if _last(call) in ("create_task", "ensure_future", "run_coroutine_threadsafe"):
            yield Breach(call.lineno, f"{ast.unparse(call.func)}() outside services/station/tasks.py")


def connects_a_closure(module: Module) -> Iterator[Breach]:
    """A signal that holds a lambda or a partial keeps what it closes over alive, and cannot be undone."""
    for call in _calls(module.tree):
        if not (isinstance(call.func, ast.Attribute) and call.func.attr == "connect"):
            continue
        for given in call.args:
            is_partial = isinstance(given, ast.Call) and _last(given) in ("partial", "partialmethod")
            if isinstance(given, ast.Lambda) or is_partial:
                yield Breach(call.lineno, f"connect({ast.unparse(given)})")


def sets_a_style_sheet(module: Module) -> Iterator[Breach]:
    """Colors and sizes come from the theme."""
    if module.path == "loopdesk/ui/theme.py":
        return
    for call in _calls(module.tree):
        if _last(call) == "setStyleSheet":
            yield Breach(call.lineno, "setStyleSheet() outside ui/theme.py")


# --- text -------------------------------------------------------------------------------------------


def _labels(module: Module) -> dict[str, int]:
    """Return the names that hold a ``QLabel`` in a module, with the line where they are made."""
    made: dict[str, int] = {}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and _last(node.value) == "QLabel"
        ):
            made.update({ast.unparse(target): node.lineno for target in node.targets})
        elif (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.value, ast.Call)
            and _last(node.value) == "QLabel"
        ):
            made[ast.unparse(node.target)] = node.lineno
    return made


def shows_foreign_text_unsafely(module: Module) -> Iterator[Breach]:
    """A label or a tool tip shows text through ``ui/texts.py``, or it would take it for markup."""
    if module.path == TEXTS:
        return
    made = _labels(module)
    plain = {
        ast.unparse(call.args[0])
        for call in _calls(module.tree)
        if _dotted(call.func) in ("texts.plain", "plain") and call.args
    }
    for name, line in made.items():
        if name not in plain:
            yield Breach(line, f"QLabel {name} that never gets its text by texts.plain()")
    kept = set(made.values())
    for call in _calls(module.tree):
        yield from _unsafe_call(call, made, kept)


def _unsafe_call(call: ast.Call, labels: dict[str, int], kept: set[int]) -> Iterator[Breach]:
    name = _last(call)
    if name in ("QMessageBox", "QErrorMessage") or _dotted(call.func) == "QToolTip.showText":
        yield Breach(call.lineno, f"{name}: ask on the page, as ui/widgets/choices does")
    elif name == "QLabel" and (call.lineno not in kept or any(_is_text(each) for each in call.args)):
        yield Breach(call.lineno, f"{ast.unparse(call)} instead of texts.plain()")
    elif name in ("setText", "setNum") and isinstance(call.func, ast.Attribute):
        if ast.unparse(call.func.value) in labels:
            yield Breach(call.lineno, f"{ast.unparse(call.func)}() instead of texts.plain()")
    elif name == "setToolTip" and not any(_last(inner) == "tip_text" for inner in _calls(call)):
        yield Breach(call.lineno, "setToolTip() without texts.tip_text()")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def translates_a_built_text(module: Module) -> Iterator[Breach]:
    """A text that is put together before it is looked up is found in no language."""
    for call in _calls(module.tree):
        is_lookup = _dotted(call.func) in ("_", "ngettext", "N_") or _last(call) in ("tr", "translate")
        for given in call.args if is_lookup else ():
            is_sum = isinstance(given, ast.BinOp) and isinstance(given.op, ast.Add | ast.Mod)
            if isinstance(given, ast.JoinedStr) or (is_sum and any(_is_text(x) for x in ast.walk(given))):
                yield Breach(call.lineno, f"{ast.unparse(call.func)}({ast.unparse(given)})")


_SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|SELECT\s+\w+\(|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s"
    r"|CREATE\s+(TABLE|INDEX|UNIQUE|TRIGGER|VIEW|TEMP)\b|DROP\s+(TABLE|INDEX|TRIGGER)\b|ALTER\s+TABLE\b"
    r"|PRAGMA\s+\w|BEGIN(\s+(IMMEDIATE|EXCLUSIVE|DEFERRED))?\s*;?\s*$|COMMIT\s*;?\s*$|ATTACH\s)",
    re.DOTALL,
)


def speaks_sql(module: Module) -> Iterator[Breach]:
    """What SQL means is known in store/ and in the hub's database/ alone."""
    if module.path.startswith(("loopdesk/store/", "loopdesk/hub/database/")):
        return
    skip = _docstrings(module.tree)
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skip:
            continue
        if _SQL.match(node.value):
            yield Breach(node.lineno, f"SQL outside store/ and hub/database/: {node.value[:40]!r}")


# --- time -------------------------------------------------------------------------------------------

_WALL = re.compile(r"^(time\.(time|time_ns)|datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today)$")
_WALL_WITHOUT_ARGUMENT = re.compile(r"^time\.(gmtime|localtime|ctime)$")
_STOPWATCH = re.compile(r"^time\.(monotonic|monotonic_ns|perf_counter|perf_counter_ns|process_time|sleep)$")


def reads_a_clock(module: Module) -> Iterator[Breach]:
    """Time comes as an argument or from a ``Clock``, so that a test can turn it."""
    names = _imported(module.tree)
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and not node.args
            and _WALL_WITHOUT_ARGUMENT.match(_full(node.func, names))
        ):
            yield Breach(node.lineno, f"{_dotted(node.func)}() outside the clock")
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        full = _full(node, names)
        is_wall = _WALL.match(full) and module.path not in CLOCKS
        if is_wall or (_STOPWATCH.match(full) and module.path not in STOPWATCHES):
            yield Breach(node.lineno, f"{full} outside the clock")


# --- files ------------------------------------------------------------------------------------------


def fills_an_init(module: Module) -> Iterator[Breach]:
    """Packages say what they are for and export nothing; the top one holds the version."""
    is_inner = module.path.endswith("/__init__.py") and module.path != "loopdesk/__init__.py"
    if is_inner and len(module.tree.body) > 1:
        yield Breach(module.tree.body[1].lineno, "__init__.py has more than a docstring")


def lacks_a_docstring(module: Module) -> Iterator[Breach]:
    """Every module, public class and public function says what it is for. Qt's overrides are Qt's."""
    if ast.get_docstring(module.tree) is None:
        yield Breach(1, "the module has no docstring")
    yield from _undocumented(module.tree, "")


def _undocumented(holder: ast.Module | ast.ClassDef, prefix: str) -> Iterator[Breach]:
    for node in holder.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None and not _is_twin(node):
            yield Breach(node.lineno, f"{prefix}{node.name} has no docstring")
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node, f"{prefix}{node.name}.")


def _is_twin(node: ast.ClassDef | _Function) -> bool:
    """Whether it is a property's setter or an overload: the first of its name carries the docstring."""
    names = [_dotted(each) for each in node.decorator_list]
    return any(
        name.endswith((".setter", ".deleter")) or name in ("overload", "typing.overload") for name in names
    )


BELOW_PRESENTERS = tuple(f"loopdesk/{room}/" for room in ("domain", "services", "api", "store", "system"))
"""Where nothing speaks to a person: codes and values go up, and presenters have the words."""


_SAYS = re.compile(r"[A-Za-z’']{2,}[,;:]? +(?:\S*[A-Za-z]{2}|\{)")
"""Two words that follow each other."""

_THREE = re.compile(r"(?:[A-Za-z’']+[,;:]? +){2}\S*[A-Za-z]")
_FORMAT = re.compile(
    r"\s*%\(|\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|CASE|ATTACH)\b"
)
"""What is written for a log's formatter or for SQLite."""

_BUGS = frozenset(
    name
    for name, each in vars(builtins).items()
    if isinstance(each, type) and issubclass(each, BaseException)
)
"""Python's own exceptions: for developers."""

_TAKES_A_CODE = frozenset({"SettingsWrong", "ValueWrong", "RuleBroken"})
"""Failures of ours whose text is a code; the others take foreign text alone, and say ours by ``why``."""

SPOKEN = {
    "loopdesk {} claims {}": "the note by which stations claim a return, as it stands at Loop",
    "Flagged: {items}. {operator}, {station}": "a note to Loop where the vocabulary has none",
    "Parcel of a cancelled return set aside. {operator}, {station}": "a note to Loop, likewise",
    "loopdesk key set": "a command to type",
    "loopdesk key remove --api-url {}": "likewise",
    "  Linux, macOS:  loopdesk key set < key.txt": "likewise",
    "  PowerShell:    Get-Content -Raw key.txt | loopdesk-cli key set": "likewise",
    "HTTP {}": "what an answer without words comes to, in every language",
    "Item condition grade": "Loop's own word",
    "Loop refused.": "what an older version stored, to be told by its code",
    "Loop knows no such return.": "likewise",
    "an older copy of the store was restored": "likewise",
    "# loopdesk settings; every key is explained in docs/settings.md\n\n": "a comment in a file",
    "Library/Application Support/loopdesk/bench": "a folder of macOS",
    "/Library/Application Support/loopdesk/settings.toml": "a file of macOS",
    r"Software\Microsoft\Windows NT\CurrentVersion\ProfileList": "a key of Windows",
}
"""Sentences below the presenters that no person reads as ours, each with its reason."""

SPOKEN_FILES = {
    "loopdesk/system/settings/table.py": "writes docs/settings.md",
}
"""Files whose sentences are for developers."""


def speaks_below_the_presenters(module: Module) -> Iterator[Breach]:
    """Codes and values go up; sentences are the presenters', in every language.

    Left out by rule: docstrings, log lines, patterns, SQL, codes that an enumeration names, names of tasks,
    the table of settings (its texts are marked for the catalogs), what ``app`` looks up itself, and what
    Python's own exceptions say, which are bugs. Failures of our own take codes and values.
    """
    is_below = module.path.startswith((*BELOW_PRESENTERS, "loopdesk/app/"))
    if not is_below or module.path in SPOKEN_FILES:
        return
    skip = _unspoken(module)
    for node in ast.walk(module.tree):
        text = _literal(node)
        if id(node) not in skip and _is_sentence(text) and text not in SPOKEN:
            yield Breach(node.lineno, f"{text[:60]!r}")  # type: ignore[attr-defined]
        elif isinstance(node, ast.Call) and _last(node) in _failures() - _TAKES_A_CODE:
            for said in map(_literal, node.args):
                if any(sign.isalpha() for sign in said) and not _is_sentence(said):
                    yield Breach(node.lineno, f"{_last(node)} says {said!r}")


def _literal(node: ast.AST) -> str:
    """Return the text of a literal, with {} for what an f-string fills in; "" for anything else."""
    if isinstance(node, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)
        return "".join(str(part) for part in parts)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_sentence(text: str) -> bool:
    """Whether a text has three words, or two and a capital or a full stop."""
    if _FORMAT.match(text) or not _SAYS.search(text):
        return False
    return bool(_THREE.search(text)) or text[0].isupper() or text.rstrip()[-1] in ".!?…"


def _unspoken(module: Module) -> set[int]:
    """Return the ids of the nodes that no person reads."""
    skip = set(_docstrings(module.tree))
    for node in ast.walk(module.tree):
        inside: list[ast.AST] = []
        if isinstance(node, ast.Call):
            first, last = _dotted(node.func).partition(".")[0], _last(node)
            is_app = module.path.startswith("loopdesk/app/")
            quiet = first in ("log", "_log", "logging", "re") or last in _BUGS
            if quiet or last in ("Wakeup", "_setting") or (is_app and last in ("_", "N_", "ngettext")):
                inside += node.args
            inside += [given.value for given in node.keywords if given.arg == "name"]
        elif isinstance(node, ast.ClassDef) and any(_dotted(base).endswith("Enum") for base in node.bases):
            inside.append(node)
        elif isinstance(node, ast.Assert) and node.msg is not None:
            inside.append(node.msg)
        elif isinstance(node, ast.JoinedStr):
            inside += node.values
        skip.update(id(each) for part in inside for each in ast.walk(part))
    return skip


def keeps_a_sentence(module: Module) -> Iterator[Breach]:
    """A page keeps codes, failures and ``Said``: a sentence would stay in the language it was said in."""
    if not module.path.startswith("loopdesk/presenters/pages/"):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        is_kept = any(_dotted(each).startswith("self.") for t in targets for each in ast.walk(t))
        calls = (each for each in ast.walk(node.value) if isinstance(each, ast.Call))
        if is_kept and any(_last(each) in ("_", "ngettext") for each in calls):
            yield Breach(node.lineno, ast.unparse(node)[:60])


@cache
def _failures() -> frozenset[str]:
    """Return the names of all failures that a person may be told."""
    known = {"LoopdeskError"}
    classes = [node for module in modules() for node in module.tree.body if isinstance(node, ast.ClassDef)]
    while True:
        more = {x.name for x in classes if any(_dotted(base) in known for base in x.bases)}
        if more <= known:
            return frozenset(known)
        known |= more


def public_classes(module: Module) -> list[str]:
    """Return the names of a module's public classes."""
    return [
        node.name
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def shared_names(found: Iterable[Module]) -> dict[str, list[str]]:
    """Return the public class names that stand for more than one class, each with its files."""
    places: dict[str, list[str]] = {}
    for module in found:
        for name in public_classes(module):
            places.setdefault(name, []).append(module.path)
    return {name: paths for name, paths in places.items() if len(_counted(name, paths)) > 1}


def _counted(name: str, paths: list[str]) -> list[str]:
    """Leave out one place that ``ONE_MEANING`` allows."""
    for names, folder in ONE_MEANING.values():
        allowed = [path for path in paths if name in names and path.startswith(folder)]
        if allowed:
            return [path for path in paths if path != allowed[0]]
    return paths


def measures(module: Module) -> Iterator[tuple[str, int, int]]:
    """Give the length of a file, and of its classes and functions.

    Yields:
        The name (``path``, ``path::Class`` or ``path::Class.function``), its lines without the
        docstring of a function or class, and the most that it should have.
    """
    yield module.path, module.text.count("\n"), MOST_FILE_LINES
    yield from _measured(module.tree, f"{module.path}::")


def _measured(holder: ast.AST, prefix: str) -> Iterator[tuple[str, int, int]]:
    for node in ast.iter_child_nodes(holder):
        if isinstance(node, (ast.ClassDef, *_FUNCTIONS)):
            most = MOST_CLASS_LINES if isinstance(node, ast.ClassDef) else MOST_FUNCTION_LINES
            yield f"{prefix}{node.name}", _lines(node), most
            yield from _measured(node, f"{prefix}{node.name}.")


def _lines(node: ast.ClassDef | _Function) -> int:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        runs_a_nested_loop,
        decorates_slots_with_qasync,
        imports_qasync,
        starts_a_task,
        connects_a_closure,
        sets_a_style_sheet,
        shows_foreign_text_unsafely,
        translates_a_built_text,
        speaks_sql,
        reads_a_clock,
        fills_an_init,
        lacks_a_docstring,
        speaks_below_the_presenters,
        keeps_a_sentence,
    )
}
