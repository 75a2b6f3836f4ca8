"""``loopdesk hub audit list|verify|export``: what the benches wrote down of what was done."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loopdesk.domain.audit_chain import ChainFault
from loopdesk.hub.audit.decisions import RunCause
from loopdesk.hub.audit.export import NoExport, VerifiedRun, exported, verified, verified_export
from loopdesk.hub.audit.reading import KeptFault, KeptRun, reading
from loopdesk.hub.commands.files import whole_file
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.words import minute
from loopdesk.hub.commands.working import working
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.i18n.catalogue import N_, _, ngettext

_CHANGED: Final = 1
_UNREADABLE: Final = 5

_CAUSES = {
    RunCause.FIRST: N_("The bench's first log."),
    RunCause.REPLACED: N_(
        "Another store than before: the bench was set up again or wiped. What it had told is kept above."
    ),
    RunCause.FORKED: N_(
        "Goes on differently after row {row}: an older copy was put back, or rows were changed. "
        "Both are kept."
    ),
    RunCause.GAP: N_("The rows before it never came here: the bench had deleted them because of their age."),
    RunCause.REFUSED: N_("Goes on after the row that was refused."),
}

_FAULTS = {
    ChainFault.CHANGED: N_("row {row} or the one before it was changed at the bench"),
    ChainFault.MISSING: N_("rows {first} to {last} are missing at the bench"),
    ChainFault.REORDERED: N_("row {row} came after row {after}"),
}


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("audit", help="the audit logs of the benches").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    listed = does.add_parser("list", help="what is held of each bench, and what was refused")
    listed.set_defaults(run=_list)
    checked = does.add_parser("verify", help="whether what is held, or an exported file, is unchanged")
    checked.add_argument("file", metavar="FILE", type=Path, nargs="?", help="an exported file instead")
    checked.set_defaults(run=_verify)
    exporting = does.add_parser("export", help="write what is held into a file that anyone can verify")
    exporting.add_argument("file", metavar="FILE", type=Path, help="may not exist")
    exporting.set_defaults(run=_export)
    for each in (listed, checked, exporting):
        each.add_argument("--bench", metavar="NAME", help="of this bench alone")


def _list(arguments: argparse.Namespace, voice: Voice) -> int:
    runs, faults = asyncio.run(_held(read_settings(arguments.settings), arguments.bench))
    for bench in dict.fromkeys([run.bench for run in runs] + [fault.bench for fault in faults]):
        voice.say(bench)
        voice.say(*(line for run in runs if run.bench == bench for line in _run_lines(run)))
        voice.say(*(f"  {fault_line(fault)}" for fault in faults if fault.bench == bench))
    if not runs:
        voice.say(_("No bench has brought any rows yet."))
    return 0


async def _held(
    settings: HubSettings, bench: str | None
) -> tuple[tuple[KeptRun, ...], tuple[KeptFault, ...]]:
    async with working(settings) as works, reading(works.database, bench) as held:
        return await held.runs(), await held.faults()


def _run_lines(run: KeptRun) -> tuple[str, ...]:
    at = minute(run.last_at)
    if run.end == run.purged:
        rows = _(
            "rows {first} to {last}, all deleted because of their age",
            first=run.start.seq + 1,
            last=run.end.seq,
        )
    else:
        rows = _("rows {first} to {last}", first=run.purged.seq + 1, last=run.end.seq)
    came = _("{rows}, the last one came {time}", rows=rows, time=at)
    return (
        f"  {came}",
        f"    {_(_CAUSES[run.cause], row=run.start.seq)}",
    )


def fault_line(fault: KeptFault) -> str:
    """Say what was refused."""
    what = _(_FAULTS[fault.why], row=fault.seq, after=fault.after, first=fault.after + 1, last=fault.seq - 1)
    return _("REFUSED {time}: {what}", time=minute(fault.at), what=what)


def _verify(arguments: argparse.Namespace, voice: Voice) -> int:
    faults: Sequence[KeptFault] = ()
    if arguments.file is not None:
        try:
            with arguments.file.open(encoding="ascii") as file:
                verdicts = verified_export(file)
        except (OSError, UnicodeDecodeError, NoExport):
            voice.complain(_("{file} is no exported audit log, or is cut off.", file=str(arguments.file)))
            return _UNREADABLE
        verdicts = tuple(each for each in verdicts if arguments.bench in (None, each.bench))
    else:
        verdicts, faults = asyncio.run(_verified(read_settings(arguments.settings), arguments.bench))
    voice.say(*(_verdict_line(each) for each in verdicts))
    voice.say(*(f"{each.bench}: {fault_line(each)}" for each in faults))
    return _CHANGED if faults or any(each.broken is not None for each in verdicts) else 0


async def _verified(
    settings: HubSettings, bench: str | None
) -> tuple[tuple[VerifiedRun, ...], tuple[KeptFault, ...]]:
    """Verify all runs; of refused rows those count that are not older than rows are kept."""
    async with working(settings) as works, reading(works.database, bench) as held:
        return await verified(held), tuple(each for each in await held.faults() if each.is_recent)


def _verdict_line(verdict: VerifiedRun) -> str:
    if verdict.broken is not None:
        return _("{bench}: CHANGED at row {row}", bench=verdict.bench, row=verdict.broken)
    n = verdict.last - verdict.first + 1
    whole = ngettext("{n} row, unchanged", "{n} rows, unchanged", n)
    return f"{verdict.bench}: {verdict.first}–{verdict.last}, {whole}"


def _export(arguments: argparse.Namespace, voice: Voice) -> int:
    file: Path = arguments.file
    with whole_file(file) as partial:
        asyncio.run(_written(read_settings(arguments.settings), arguments.bench, partial))
    voice.say(_("Written: {file}", file=str(file)))
    voice.say(
        _(
            "It names people and shoppers' parcels. To verify it: loopdesk hub audit verify {file}",
            file=str(file),
        )
    )
    return 0


async def _written(settings: HubSettings, bench: str | None, file: Path) -> None:
    async with working(settings) as works, reading(works.database, bench) as held:
        with file.open("w", encoding="utf-8") as written:
            async for line in exported(held):
                written.write(f"{line}\n")
