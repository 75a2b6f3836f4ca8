"""IT's commands for looking after machines: ``restore``, ``queue --machine`` and ``manifest``.

For installers and IT, before the program is taken away or a machine is set up again. It reads the stores of
all users that it may read, opens no profile and writes nothing.
"""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from loopdesk.app.commands.console import Exit, complain, say
from loopdesk.app.runtime import Options, open_profile
from loopdesk.domain.errors import StoreError, ValueWrong
from loopdesk.presenters.words import errors, setting_words
from loopdesk.store.database import FILE_NAME
from loopdesk.store.outbox.entries import count_waiting
from loopdesk.store.recovery.restore import go_back
from loopdesk.system.host.paths import Profile, bench_profiles, homes
from loopdesk.system.host.single import ProfileLock


def restore(arguments: Namespace) -> int:
    """Replace the store with a backup and print the next steps.

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


def count_machine_queue(profiles: Iterable[Profile] | None = None) -> int:
    """Print the total, then one line for each store that holds something or cannot be read.

    Args:
        profiles: Those of all users by default.

    Returns:
        0 if nothing waits and every store was read, else 1.
    """
    total, lines = 0, []
    for profile in bench_profiles(homes()) if profiles is None else profiles:
        try:
            count = count_waiting(profile.store_folder / FILE_NAME)
        except StoreError as failure:
            lines.append(f"{profile.folder}: cannot be read ({errors.found(failure)})")
            continue
        total += count
        if count:
            lines.append(f"{profile.folder}: {_waiting(count)}")
    say(f"{_waiting(total)} at this machine", *lines)
    return Exit.ATTENTION if lines else Exit.DONE


def _waiting(count: int) -> str:
    return "1 action is still waiting" if count == 1 else f"{count} actions are still waiting"


def make_manifest(arguments: argparse.Namespace) -> int:
    """Run one of the two commands. No profile is read or written."""
    from loopdesk.system import manifest_signing
    from loopdesk.system.host.clock import SystemClock

    try:
        if arguments.manifest_command == "keys":
            say(manifest_signing.make_keys(Path(arguments.private)))
        else:
            folder = Path(arguments.folder)
            packages = [Path(package) for package in arguments.packages]
            private = Path(arguments.private)
            manifest_signing.sign(
                private,
                arguments.version,
                folder,
                packages,
                arguments.notes,
                now=SystemClock().now(),
                days=arguments.days,
            )
            say(str(folder / "manifest.json"), str(folder / "manifest.json.sig"))
    except FileExistsError:
        complain(
            f"{arguments.private} is there already.",
            "  Nothing was changed: benches that know its public key would take no other's word.",
        )
        return Exit.USAGE
    except OSError as failure:
        complain(f"{failure.filename}: {failure.strerror}")
        return Exit.USAGE
    except ValueWrong as wrong:
        complain(setting_words.complaint(wrong))
        return Exit.USAGE
    return Exit.DONE
