"""The command line: arguments in, an exit code out. What is done is in ``app``.

Exit codes: 0 done, 1 something needs attention, 2 usage, 3 another copy runs on this profile,
4 settings wrong, 5 store cannot be opened.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loopdesk import __version__
from loopdesk.app.commands import console
from loopdesk.app.commands.console import HOW_TO_GIVE, Exit
from loopdesk.domain.errors import AlreadyRunning, LoopdeskError, SettingsWrong, StoreError
from loopdesk.i18n.catalogue import _
from loopdesk.system.host.no_dump import forbid_dumps
from loopdesk.system.settings.model import setting

if TYPE_CHECKING:
    from loopdesk.app.gui import Play
    from loopdesk.app.practice import Practice
    from loopdesk.app.session import Session

_MOST_PORT = 65535


def main(argv: Sequence[str] | None = None) -> int:
    """Run loopdesk.

    Args:
        argv: The arguments without the program's name; the process's own by default.

    Returns:
        The exit code.
    """
    forbid_dumps()
    console.prepare()
    console.speak(os.environ.get(setting("language").env, ""))  # until the settings are read
    try:
        return console.finish(_guarded(sys.argv[1:] if argv is None else list(argv)))
    except SystemExit as end:  # how argparse ends, also after --help
        raise SystemExit(console.finish(int(end.code or 0))) from None


def _guarded(argv: list[str]) -> int:
    if argv[:1] == ["hub"]:
        return _hub(argv[1:])
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.tour and not arguments.demo:
        parser.error("--tour plays a practice shift: use it with --demo")
    if arguments.report and not arguments.smoke:
        parser.error("--report says where the report of --smoke goes: use it with --smoke")
    try:
        return int(_run(arguments))
    except AlreadyRunning as failure:
        return _complain(failure, Exit.ALREADY_RUNNING)
    except SettingsWrong as failure:
        return _complain(failure, Exit.SETTINGS)
    except StoreError as failure:
        return _complain(failure, Exit.STORE)
    except LoopdeskError as failure:
        return _complain(failure, Exit.ATTENTION)
    except KeyboardInterrupt:
        return Exit.DONE


def _hub(argv: list[str]) -> int:
    """Run a command of the hub, whose arguments are its own; the package for benches comes without it."""
    try:
        from loopdesk.hub.commands import command_line
        from loopdesk.hub.commands.speaking import Voice
    except ModuleNotFoundError:
        console.complain(_("The hub is not installed here. Install loopdesk[hub]."))
        return Exit.USAGE
    try:
        return command_line.run(argv, Voice(_say_lines_at_once, console.complain))
    except SettingsWrong as failure:
        return _complain(failure, Exit.SETTINGS)
    except KeyboardInterrupt:
        return Exit.DONE


def _say_lines_at_once(*lines: str) -> None:
    console.say(*lines, at_once=True)


def _complain(failure: LoopdeskError, code: Exit) -> int:
    from loopdesk.presenters.words import errors

    more = (*errors.reason(failure).splitlines(), errors.advice(failure))
    console.complain(errors.title(failure), *(f"  {line}" for line in more if line))
    return code


def _say_at_once(line: str) -> None:
    console.say(line, at_once=True)


def _run(arguments: argparse.Namespace) -> int:
    """Import only what the command needs: ``queue`` starts without Qt and without HTTP."""
    match arguments.command:
        case "simulate":
            from loopdesk.simulator.http.server import serve

            try:
                return serve(arguments.port, arguments.seed, arguments.returns, say=_say_at_once)
            except OSError as failure:
                console.complain(
                    _("The port cannot be used ({error}).", error=failure.strerror),
                    "  " + _("Choose another with --port, or leave it away for a free one."),
                )
                return Exit.USAGE
        case "queue" if arguments.machine:
            from loopdesk.app.commands import machine

            return machine.count_machine_queue()
        case "lookup" | "queue" | "sync" | "doctor" | "key" | "evidence" | "hub-join":
            from loopdesk.app.commands import headless

            return headless.run(arguments)
        case "manifest":
            from loopdesk.app.commands import machine

            return machine.make_manifest(arguments)
        case "restore":
            from loopdesk.app.commands import machine

            return machine.restore(arguments)
        case _ if arguments.smoke:
            from loopdesk.selfcheck import smoke

            return smoke.run(arguments.report)
        case _:
            from loopdesk.app.startup_tuning import tune_startup

            tune_startup()
            from loopdesk.app import gui

            return gui.run(arguments, _tour(arguments))


def _tour(arguments: argparse.Namespace) -> Play | None:
    """Return what plays the tour; None unless requested."""
    if not getattr(arguments, "tour", False):
        return None

    async def play(session: Session, practice: Practice) -> int:
        from loopdesk.selfcheck import tour

        return await tour.play(session, practice, arguments.tour_dir)

    return play


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--profile", metavar="DIR", help="folder of this station's data and settings")
    common.add_argument("--api-url", metavar="URL", help="where Loop is (https, or http on this machine)")
    common.add_argument("--station", metavar="NAME", help="name of this bench")
    common.add_argument("--operator", metavar="NAME", help="who works here")
    parser = argparse.ArgumentParser(
        prog="loopdesk",
        parents=[common],
        description="The receiving dock's bench for Loop Returns. Without a command it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"loopdesk {__version__}")
    parser.add_argument("--demo", action="store_true", help="practice against a built-in simulator of Loop")
    parser.add_argument("--tour", action="store_true", help="with --demo: play a practice shift and check it")
    parser.add_argument("--tour-dir", metavar="DIR", default="tour", help="where the tour saves its pictures")
    parser.add_argument("--smoke", action="store_true", help="check that this copy is whole and works here")
    parser.add_argument("--report", metavar="FILE", help="with --smoke: write what was found there, as JSON")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_lookup(commands.add_parser("lookup", parents=[common], help="what a code resolves to"))
    _add_queue(commands.add_parser("queue", parents=[common], help="the kept actions and where they stand"))
    sync = commands.add_parser("sync", parents=[common], help="bring the store up to date, drain the queue")
    sync.add_argument("--once", action="store_true", help="stop when nothing more can move")
    doctor = commands.add_parser("doctor", parents=[common], help="check this station")
    doctor.add_argument("--json", action="store_true", help="one JSON document on standard output")
    doctor.add_argument("--bundle", metavar="FILE", help="write a ZIP file for support, without secrets")
    evidence = commands.add_parser("evidence", parents=[common], help="write all about a return as a PDF")
    evidence.add_argument("return_id", metavar="RETURN", help="Loop's id of the return, its RMA number")
    evidence.add_argument("--out", metavar="FILE", required=True, help="the PDF; an existing one is replaced")
    _add_key(commands.add_parser("key", help="the API key in this user's key store"), common)
    join = commands.add_parser("hub-join", parents=[common], help="join this bench to its site's hub")
    join.add_argument("code", nargs="?", help="as the hub printed it; from standard input if it is left out")
    _add_restore(commands.add_parser("restore", parents=[common], help="go back to a back-up of the store"))
    _add_manifest(commands.add_parser("manifest", help="for IT: name the version that benches shall have"))
    commands.add_parser("hub", help="the hub of several benches: see loopdesk hub --help", add_help=False)
    _add_simulate(commands.add_parser("simulate", help="serve a simulator of Loop on this machine"))
    return parser


def _add_lookup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("codes", metavar="CODE", nargs="+", help="a label, an order, an RMA number")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--offline", action="store_true", help="look into the store only")


def _add_queue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--stage", metavar="STAGE", type=_stage, help="only entries that stand there")
    parser.add_argument("--machine", action="store_true", help="how many wait, of all who work here")


def _add_key(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    does = parser.add_subparsers(dest="key_command", metavar="ACTION", required=True)
    does.add_parser(
        "set",
        parents=[common],
        help="keep the key that standard input gives",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(("how to give it:", *HOW_TO_GIVE)),
    )
    does.add_parser("check", parents=[common], help="say whether Loop takes the key that is kept")
    does.add_parser("remove", parents=[common], help="remove it")
    for action in does.choices.values():
        action.add_argument(
            "--photos",
            action="store_true",
            help="what allows storing photos instead: id:secret of a bucket, user:password or a token",
        )


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", metavar="FILE", help="a copy from the store's folder backups")
    parser.add_argument(
        "--leave-behind", action="store_true", help="also when unfinished actions are not in it"
    )


def _add_manifest(parser: argparse.ArgumentParser) -> None:
    does = parser.add_subparsers(dest="manifest_command", metavar="ACTION", required=True)
    keys = does.add_parser("keys", help="make a pair of keys; prints what updates.public_key shall be")
    keys.add_argument(
        "private", metavar="FILE", help="where the private key is written; keep it off the benches"
    )
    sign = does.add_parser("sign", help="write manifest.json and its signature")
    sign.add_argument("private", metavar="FILE", help="the private key")
    sign.add_argument("version", metavar="VERSION", help="the version that is wanted, like 1.2.3")
    sign.add_argument("folder", metavar="DIR", help="where the two files are written")
    sign.add_argument("packages", metavar="PACKAGE", nargs="*", help="packages whose SHA-256 is named too")
    sign.add_argument("--notes", default="", metavar="TEXT", help="what is new, in a sentence")
    sign.add_argument(
        "--days", type=_count, default=90, metavar="N", help="benches believe it for so long; 90 by default"
    )


def _stage(text: str) -> str:
    """Validate the name of a stage; the stages are imported only for a command that names one."""
    from loopdesk.domain.outbox.stages import Stage

    stages = [stage.value for stage in Stage]
    if text not in stages:
        raise argparse.ArgumentTypeError(f"{text!r} is no stage; the stages are {', '.join(stages)}")
    return text


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="port; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed, the same shop")
    parser.add_argument(
        "--returns", type=_count, default=0, metavar="N", help="that many returns besides the samples"
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _MOST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {_MOST_PORT}, not {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a number, 0 or more, not {text!r}")
    return int(text)
