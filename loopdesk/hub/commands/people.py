"""``loopdesk hub people add|badge|list|import|export|deactivate``: who works at the site's benches."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from loopdesk.domain.operators import Role
from loopdesk.domain.people import COLUMNS, ROLES, PersonFault, TableFault, rows_in, table_of
from loopdesk.hub.commands.files import whole_file
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.working import working
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.hub.sharing.people import HubPeople
from loopdesk.hub.sharing.people_rules import KnownPerson, TableChanges
from loopdesk.i18n.catalogue import N_, _, ngettext

Made = TypeVar("Made")

_ROLES = {Role.OPERATOR: N_("operator"), Role.LEAD: N_("lead"), Role.IT: N_("IT")}

_FAULTS = {
    PersonFault.NAME: N_("{value} is no name: it has 1 to 40 characters"),
    PersonFault.ROLE: N_("{value} is no role: operator, lead or it"),
    PersonFault.EMAIL: N_("{value} is no e-mail address"),
    PersonFault.LANGUAGE: N_("{value} is no language: a code such as en or de"),
    PersonFault.ACTIVE: N_("{value} is neither yes nor no"),
    PersonFault.BADGE: N_("this is no badge: LDBADGE and 16 or more letters"),
    PersonFault.TWICE: N_("the same as in line {other}: {value}"),
    PersonFault.TAKEN: N_("somebody else has this already: {value}"),
    PersonFault.UNKNOWN: N_("nobody has this id: {value}"),
    PersonFault.COLUMNS: N_("these columns are unknown, doubled or lacking: {value}. There are {columns}"),
    PersonFault.CELLS: N_("has {value} cells, and the first line has {other}"),
    PersonFault.NOT_CSV: N_("is no CSV"),
    PersonFault.MANY: N_("a site has at most {value} people"),
}


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("people", help="who works at the benches").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    new = does.add_parser("add", help="add somebody")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--role", choices=[role.value for role in ROLES], default=Role.OPERATOR.value)
    new.add_argument("--email", metavar="ADDRESS", default="", help="what Loop is told as who processed")
    new.add_argument("--language", metavar="CODE", default="", help="such as de")
    new.set_defaults(run=_add)
    badge = does.add_parser("badge", help="give somebody a badge: standard input gives it")
    badge.add_argument("name", metavar="NAME")
    badge.set_defaults(run=_badge)
    does.add_parser("list", help="everybody").set_defaults(run=_list)
    taking = does.add_parser("import", help="take a table of people, whole or not at all")
    taking.add_argument("file", metavar="FILE.csv", type=Path, help=f"with the columns {', '.join(COLUMNS)}")
    taking.add_argument("--replace", action="store_true", help="whoever is not in it is deactivated")
    taking.set_defaults(run=_import)
    giving = does.add_parser("export", help="write everybody into a table, without badges and PINs")
    giving.add_argument("file", metavar="FILE.csv", type=Path, help="may not exist")
    giving.set_defaults(run=_export)
    going = does.add_parser("deactivate", help="let somebody go; badge and PIN are forgotten")
    going.add_argument("name", metavar="NAME")
    going.set_defaults(run=_deactivate)


def _done(arguments: argparse.Namespace, work: Callable[[HubPeople], Awaitable[Made]]) -> Made:
    async def done(settings: HubSettings) -> Made:
        async with working(settings) as works:
            # The hub's processes look for what is new each second.
            return await work(HubPeople(works.database, works.sealing, ring=lambda: None))

    return asyncio.run(done(read_settings(arguments.settings)))


def _add(arguments: argparse.Namespace, voice: Voice) -> int:
    name, role = " ".join(arguments.name.split()), Role(arguments.role)
    _done(arguments, lambda people: people.add(name, role, arguments.email, arguments.language))
    voice.say(_("Added. All benches are told."))
    return 0


def _badge(arguments: argparse.Namespace, voice: Voice) -> int:
    text = getpass.getpass(_("Scan the badge: ")) if sys.stdin.isatty() else sys.stdin.readline()
    _done(arguments, lambda people: people.give_badge(arguments.name, text))
    voice.say(_("{name} has this badge now, and no other.", name=arguments.name))
    return 0


def _list(arguments: argparse.Namespace, voice: Voice) -> int:
    everybody = _done(arguments, HubPeople.all)
    voice.say(*(_line(person, at) for person, at in everybody))
    if not everybody:
        voice.say(_("There is nobody yet. Run: loopdesk hub people add NAME"))
    return 0


def _line(person: KnownPerson, changed_at: datetime) -> str:
    if not person.active:
        state = _("deactivated {day}", day=changed_at.date().isoformat())
    else:
        state = _("has a badge") if person.badge else _("no badge")
    return f"{person.name:<32}{_(_ROLES[person.role]):<12}{state:<26}{person.email}".rstrip()


def _import(arguments: argparse.Namespace, voice: Voice) -> int:
    file: Path = arguments.file
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise HubFailure(why="unreadable", file=str(file)) from failure
    table, faults = rows_in(text)
    if not faults:
        found, faults = _done(arguments, lambda people: people.take_table(table, replace=arguments.replace))
    if faults:
        voice.complain(_("Nothing was changed. Mistakes in {file}:", file=str(file)))
        voice.complain(*(f"  {_fault_line(fault)}" for fault in faults))
        return 1
    voice.say(*_change_lines(found))
    return 0


def _fault_line(fault: TableFault) -> str:
    values = {"value": fault.value, "other": fault.other, "columns": ", ".join(COLUMNS)}
    what = _(_FAULTS[fault.why], **values)
    if not fault.column:
        return _("line {line}: {what}", line=fault.line, what=what)
    return _("line {line}, {column}: {what}", line=fault.line, column=fault.column, what=what)


def _change_lines(found: TableChanges) -> tuple[str, ...]:
    changed = len(found.changed) - found.gone
    return (
        ngettext("{n} person added", "{n} people added", len(found.added)),
        ngettext("{n} person changed", "{n} people changed", changed),
        ngettext("{n} person deactivated", "{n} people deactivated", found.gone),
        ngettext("{n} row changed nothing", "{n} rows changed nothing", found.same),
    )


def _export(arguments: argparse.Namespace, voice: Voice) -> int:
    file: Path = arguments.file
    with whole_file(file) as partial:
        everybody = _done(arguments, HubPeople.all)
        text = table_of(
            (person.id, person.name, person.role, person.email, person.language)
            for person, _at in everybody
            if person.active
        )
        partial.write_text(text, "utf-8", newline="")
    voice.say(_("Written: {file}", file=str(file)))
    return 0


def _deactivate(arguments: argparse.Namespace, voice: Voice) -> int:
    _done(arguments, lambda people: people.deactivate(arguments.name))
    voice.say(
        _("Deactivated. All benches are told; one that is offline keeps its copy until it is heard again.")
    )
    return 0
