"""``loopdesk hub check`` and ``doctor``: is everything there, and is it well."""

from __future__ import annotations

import argparse
import asyncio

from loopdesk.hub.commands import words
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.examination import Examination, HubFinding
from loopdesk.hub.settings import read_settings
from loopdesk.system.host.clock import SystemClock


def add(commands: Commands) -> None:
    """Add both parsers."""
    check = commands.add_parser("check", help="whether the hub has all that it cannot start without")
    check.set_defaults(run=run, is_whole=False)
    doctor = commands.add_parser("doctor", help="that, and what it works badly without")
    doctor.set_defaults(run=run, is_whole=True)


def run(arguments: argparse.Namespace, voice: Voice) -> int:
    """Print what was found.

    Returns:
        0 if nobody has to do anything, else 1.

    Raises:
        SettingsWrong: In the settings file.
    """
    examination = Examination(read_settings(arguments.settings), SystemClock().now)
    looked = examination.all() if arguments.is_whole else examination.needs()
    findings: list[HubFinding] = asyncio.run(looked)
    for each in findings:
        voice.say(*words.finding(each))
    return 0 if all(each.is_well for each in findings) else 1
