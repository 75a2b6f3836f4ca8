"""The shape of the source: what can be read off the syntax tree holds, and each check can fail."""

from __future__ import annotations

import ast

import pytest

from tests import architecture
from tests.architecture import (
    CHECKS,
    CLOCKS,
    ONE_MEANING,
    ROOT,
    SPOKEN,
    SPOKEN_FILES,
    STARTS_TASKS,
    STOPWATCHES,
    Module,
    measures,
    modules,
    shared_names,
)

BREACHES = [
    ("runs_a_nested_loop", "loopdesk/ui/a.py", "dialog.exec()"),
    ("runs_a_nested_loop", "loopdesk/ui/a.py", "menu.exec_()"),
    ("runs_a_nested_loop", "loopdesk/ui/a.py", "QMessageBox.question(self, 't', 'x')"),
    ("runs_a_nested_loop", "loopdesk/ui/a.py", "QtWidgets.QFileDialog.getOpenFileName(self)"),
    ("decorates_slots_with_qasync", "loopdesk/app/a.py", "@asyncSlot()\nasync def f() -> None: ..."),
    (
        "decorates_slots_with_qasync",
        "loopdesk/app/a.py",
        "@qasync.asyncClose\nasync def f() -> None: ...",
    ),
    ("imports_qasync", "loopdesk/ui/a.py", "import qasync"),
    ("imports_qasync", "loopdesk/cli.py", "from qasync import QEventLoop"),
    ("starts_a_task", "loopdesk/services/a.py", "asyncio.create_task(f())"),
    ("starts_a_task", "loopdesk/ui/a.py", "ensure_future(f())"),
    ("starts_a_task", "loopdesk/api/a.py", "asyncio.get_running_loop().create_task(f())"),
    ("connects_a_closure", "loopdesk/ui/a.py", "button.clicked.connect(lambda: f(1))"),
    ("connects_a_closure", "loopdesk/ui/a.py", "button.clicked.connect(functools.partial(f, 1))"),
    ("sets_a_style_sheet", "loopdesk/ui/widgets/a.py", "self.setStyleSheet('color: red')"),
    ("shows_foreign_text_unsafely", "loopdesk/ui/a.py", "x = QLabel(title)\ntexts.plain(y, title)"),
    ("shows_foreign_text_unsafely", "loopdesk/ui/a.py", "row.addWidget(QLabel(self))"),
    ("shows_foreign_text_unsafely", "loopdesk/ui/a.py", "x = QLabel('a')\ntexts.plain(x, title)"),
    (
        "shows_foreign_text_unsafely",
        "loopdesk/ui/a.py",
        "x = QLabel(w)\ntexts.plain(x, '')\nx.setText(title)",
    ),
    ("shows_foreign_text_unsafely", "loopdesk/ui/a.py", "w.setToolTip(title)"),
    ("shows_foreign_text_unsafely", "loopdesk/ui/a.py", "QMessageBox(parent)"),
    ("translates_a_built_text", "loopdesk/ui/a.py", "ngettext('1 line', f'{n} lines', n)"),
    ("translates_a_built_text", "loopdesk/presenters/a.py", "_('Hold ' + name)"),
    ("translates_a_built_text", "loopdesk/ui/a.py", "self.tr('%d lines' % n)"),
    ("speaks_sql", "loopdesk/services/a.py", "q = 'SELECT * FROM entry WHERE seq = ?'"),
    ("speaks_sql", "loopdesk/app/a.py", "c.execute('PRAGMA user_version')"),
    ("speaks_sql", "loopdesk/api/a.py", "q = f'DELETE FROM {table}'"),
    ("reads_a_clock", "loopdesk/services/a.py", "import time\nat = time.time()"),
    ("reads_a_clock", "loopdesk/ui/a.py", "from time import monotonic\nat = monotonic()"),
    ("reads_a_clock", "loopdesk/domain/a.py", "from datetime import UTC, datetime\nat = datetime.now(UTC)"),
    ("reads_a_clock", "loopdesk/domain/a.py", "import datetime as dt\nat = dt.datetime.utcnow()"),
    ("reads_a_clock", "loopdesk/domain/a.py", "import time\nat = time.gmtime()"),
    ("fills_an_init", "loopdesk/ui/__init__.py", "'''About.'''\nfrom loopdesk.ui import theme"),
    ("lacks_a_docstring", "loopdesk/ui/rooms/__init__.py", ""),
    ("lacks_a_docstring", "loopdesk/ui/a.py", "X = 1"),
    ("lacks_a_docstring", "loopdesk/ui/a.py", "'''About.'''\ndef f() -> None: ..."),
    (
        "lacks_a_docstring",
        "loopdesk/ui/a.py",
        "'''About.'''\nclass A:\n  '''An A.'''\n  async def f(self): ...",
    ),
    ("speaks_below_the_presenters", "loopdesk/store/a.py", "raise StoreError(x, title='It is full.')"),
    (
        "speaks_below_the_presenters",
        "loopdesk/api/a.py",
        "raise StoreError(x, advice=f'Call {who} at once.')",
    ),
    (
        "speaks_below_the_presenters",
        "loopdesk/domain/errors.py",
        "class A(B):\n  title = 'The disk is full.'",
    ),
    ("speaks_below_the_presenters", "loopdesk/system/a.py", "raise SettingsWrong('must be a table', file=f)"),
    ("speaks_below_the_presenters", "loopdesk/api/a.py", "raise AnswerLost('body: no array of notes')"),
    ("speaks_below_the_presenters", "loopdesk/api/a.py", "raise AnswerLost(f'more than {n} bytes')"),
    ("speaks_below_the_presenters", "loopdesk/store/a.py", "raise StoreError('page 3 of it is torn')"),
    ("speaks_below_the_presenters", "loopdesk/system/a.py", "raise ValueWrong(f'must have at most {n}')"),
    (
        "speaks_below_the_presenters",
        "loopdesk/system/doctor.py",
        "return Check(n, s, 'no scanner was found')",
    ),
    ("speaks_below_the_presenters", "loopdesk/services/a.py", "self.state = 'Not asked yet.'"),
    ("speaks_below_the_presenters", "loopdesk/domain/labels/a.py", "_rule('USPS label, ZIP removed', p)"),
    ("speaks_below_the_presenters", "loopdesk/app/a.py", "told = f'{n} returns wait here'"),
    ("keeps_a_sentence", "loopdesk/presenters/pages/a.py", "self._said = _('Withdrawn.')"),
    ("keeps_a_sentence", "loopdesk/presenters/pages/a.py", "self._a, self._b = '', (_('Say why.'), 'x')"),
]

INNOCENT = [
    ("runs_a_nested_loop", "loopdesk/ui/a.py", "dialog.open(); QMessageBox.StandardButton.Ok"),
    ("imports_qasync", "loopdesk/app/gui.py", "from qasync import QEventLoop"),
    ("starts_a_task", "loopdesk/services/station/tasks.py", "loop.create_task(f())"),
    ("starts_a_task", "loopdesk/simulator/http/server.py", "asyncio.create_task(f())"),
    ("connects_a_closure", "loopdesk/ui/a.py", "button.clicked.connect(self._go)"),
    ("sets_a_style_sheet", "loopdesk/ui/theme.py", "app.setStyleSheet(sheet)"),
    ("shows_foreign_text_unsafely", "loopdesk/ui/a.py", "self.x = QLabel(self)\ntexts.plain(self.x, title)"),
    ("shows_foreign_text_unsafely", "loopdesk/ui/a.py", "w.setToolTip(texts.tip_text(t) if cut else '')"),
    ("translates_a_built_text", "loopdesk/presenters/a.py", "_('{n} lines', n=n); band.say(f'{x}')"),
    ("speaks_sql", "loopdesk/store/a.py", "q = 'SELECT * FROM entry'"),
    ("speaks_sql", "loopdesk/ui/a.py", "'''SELECT a return FROM the list.'''"),
    ("speaks_sql", "loopdesk/ui/a.py", "text = 'Select a return from the list.'"),
    ("reads_a_clock", "loopdesk/services/a.py", "at = clock.now(); start = self._clock.monotonic()"),
    ("lacks_a_docstring", "loopdesk/ui/a.py", "'''About.'''\ndef _f() -> None: ..."),
    ("fills_an_init", "loopdesk/ui/__init__.py", "'''What it is for.'''"),
    ("speaks_below_the_presenters", "loopdesk/store/a.py", "raise ValueError('page 3 is no page')"),
    ("speaks_below_the_presenters", "loopdesk/store/a.py", "raise StoreError(f'{table}: {told}')"),
    (
        "speaks_below_the_presenters",
        "loopdesk/store/a.py",
        "raise StoreError(x, why='full', title=line.title)",
    ),
    ("speaks_below_the_presenters", "loopdesk/store/a.py", "fetch(c, 'SELECT a, b FROM legal NOT INDEXED')"),
    ("speaks_below_the_presenters", "loopdesk/api/a.py", "_log.info('rows unreadable count=%s', n)"),
    (
        "speaks_below_the_presenters",
        "loopdesk/domain/a.py",
        "class A(StrEnum):\n  X = 'store integrity of it'",
    ),
    ("speaks_below_the_presenters", "loopdesk/domain/a.py", "class A:\n  'What it is for.'"),
    ("speaks_below_the_presenters", "loopdesk/app/a.py", "say(_('Look at it once more.'))"),
    ("keeps_a_sentence", "loopdesk/presenters/pages/a.py", "self._said = Said(N_('Withdrawn.'))"),
    ("keeps_a_sentence", "loopdesk/presenters/pages/a.py", "said = _('Withdrawn.')"),
    ("speaks_below_the_presenters", "loopdesk/presenters/a.py", "say('Look at it once more.')"),
]


def _broken(check: str, path: str, text: str) -> list[str]:
    return [f"{path}:{each.line} {each.what}" for each in CHECKS[check](Module.of(path, text))]


@pytest.mark.fault(102, 103, 126, 129)
@pytest.mark.parametrize("check", CHECKS)
def test_the_program_keeps_the_rule(check: str) -> None:
    found = [broken for module in modules() for broken in _broken(check, module.path, module.text)]
    assert found == [], f"{CHECKS[check].__doc__}"


@pytest.mark.parametrize(("check", "path", "text"), BREACHES)
def test_a_planted_breach_is_found(check: str, path: str, text: str) -> None:
    assert _broken(check, path, text) != []


@pytest.mark.parametrize(("check", "path", "text"), INNOCENT)
def test_what_is_allowed_passes(check: str, path: str, text: str) -> None:
    assert _broken(check, path, text) == []


def test_every_check_has_a_planted_breach() -> None:
    assert {check for check, _, _ in BREACHES} == set(CHECKS)


def test_a_class_name_stands_for_one_class() -> None:
    assert shared_names(modules()) == {}, "name each for what it is"


def test_a_second_class_of_one_name_is_found() -> None:
    found = [Module.of(f"loopdesk/{folder}/a.py", "class Verdict: ...") for folder in ("api", "domain")]
    assert shared_names(found) == {"Verdict": ["loopdesk/api/a.py", "loopdesk/domain/a.py"]}
    twice = [Module.of(f"loopdesk/store/{n}.py", "class Outbox: ...") for n in "abc"]
    assert list(shared_names(twice)) == ["Outbox"]


def test_every_name_that_may_stand_twice_does() -> None:
    names = [node.name for module in modules() for node in module.tree.body if isinstance(node, ast.ClassDef)]
    allowed = {name for group, _ in ONE_MEANING.values() for name in group}
    assert {name for name in allowed if names.count(name) != 2} == set()


def test_every_module_beside_the_program_says_what_it_is_for() -> None:
    folders = [ROOT / name for name in ("tests", "benchmarks", "packaging")]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(paths) > 300
    assert [path for path in paths if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_files_classes_and_functions_do_one_thing() -> None:
    too_long = {
        name: f"{lines} lines, {most} allowed"
        for module in modules()
        for name, lines, most in measures(module)
        if lines > most
    }
    assert too_long == {}, "look for the second thing that it does"


def test_what_is_too_long_is_found() -> None:
    body = "\n".join(f"    x{n} = {n}" for n in range(352))
    text = f"'''About.'''\nclass A:\n{body}\ndef f():\n    '''Do it.\n\n    Twice.\n    '''\n{body}\n"
    lengths = {name: (lines, most) for name, lines, most in measures(Module.of("loopdesk/a.py", text))}
    assert lengths == {
        "loopdesk/a.py": (711, 600),
        "loopdesk/a.py::A": (353, 350),
        "loopdesk/a.py::f": (353, 50),
    }


def test_every_exception_still_exists() -> None:
    paths = {module.path for module in modules()}
    spoken = {architecture._literal(node) for module in modules() for node in ast.walk(module.tree)}
    assert set(SPOKEN) <= spoken
    assert set(SPOKEN_FILES) <= paths
    assert set(CLOCKS) | set(STOPWATCHES) | set(STARTS_TASKS) <= paths
