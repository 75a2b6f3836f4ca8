"""``loopdesk restore``: the way back after an update, for IT."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from loopdesk.app.commands.console import say
from loopdesk.app.commands.exits import Exit
from loopdesk.app.runtime import Options, open_profile
from loopdesk.store.database import FILE_NAME
from loopdesk.store.recovery.restore import go_back
from loopdesk.system.host.single import ProfileLock


def run(arguments: Namespace) -> int:
    """Put a back-up in place of the store and say what comes next.

    Raises:
        AlreadyRunning: The program is open on this profile.
        StoreError: Nothing was changed.
    """
    profile = open_profile(Options.of(arguments), os.environ)
    lock = ProfileLock(profile)
    lock.acquire()
    try:
        aside, left = go_back(
            profile.store_folder / FILE_NAME, Path(arguments.backup), leave_behind=arguments.leave_behind
        )
    finally:
        lock.release()
    if aside is not None:
        say(f"The newer store lies in {aside}.")
    if left:
        say(f"{left} unfinished actions are in it alone.")
    say("The back-up is in place. What it calls unfinished is read back from Loop before anything is sent.")
    return Exit.ATTENTION if left else Exit.DONE
