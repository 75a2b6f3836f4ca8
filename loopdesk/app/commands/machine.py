"""IT's commands for looking after machines: ``restore``, ``queue --machine`` and ``manifest``.

For installers and IT, before the program is taken away or a machine is set up again. It reads the stores of
all users that it may read, opens no profile and writes nothing.
"""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from loopdesk.app.commands import console
from loopdesk.app.commands.console import Exit, complain, say
from loopdesk.app.runtime import Options, open_profile
from loopdesk.domain.errors import SettingsWrong, StoreError, ValueWrong
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.words import errors, setting_words
from loopdesk.store.database import FILE_NAME
from loopdesk.store.outbox.entries import count_waiting
from loopdesk.store.recovery.restore import go_back
from loopdesk.system.host.paths import Profile, bench_profiles, homes
from loopdesk.system.host.single import ProfileLock
from loopdesk.system.settings.file import SettingsFile


def restore(arguments: Namespace) -> int:
    """Replace the store with a backup and print the next steps.

    Raises:
        AlreadyRunning: The program is open on this profile.
        StoreError: Nothing was changed.
    """
    options = Options.of(arguments)
    profile = open_profile(options, os.environ)
    with suppress(SettingsWrong):  # a wrong file does not keep anyone from going back
        console.speak(SettingsFile(profile, os.environ, options.values).load().settings.language)
    lock = ProfileLock(profile)
    lock.acquire()
    try:
        aside, left = go_back(
            profile.store_folder / FILE_NAME, Path(arguments.backup), leave_behind=arguments.leave_behind
        )
    finally:
        lock.release()
    if aside is not None:
        say(_("The newer store lies in {folder}.", folder=aside))
    if left:
        say(ngettext("1 unfinished action is in it alone.", "{n} unfinished actions are in it alone.", left))
    say(
        _("The back-up is in place. What it calls unfinished is read back from Loop before anything is sent.")
    )
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
            problem = _("cannot be read ({error})", error=errors.found(failure))
            lines.append(f"{profile.folder}: {problem}")
            continue
        total += count
        if count:
            waiting = ngettext("1 action is still waiting", "{n} actions are still waiting", count)
            lines.append(f"{profile.folder}: {waiting}")
    whole = ngettext(
        "1 action is still waiting at this machine", "{n} actions are still waiting at this machine", total
    )
    say(whole, *lines)
    return Exit.ATTENTION if lines else Exit.DONE


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
            _("{file} is there already.", file=arguments.private),
            "  " + _("Nothing was changed: benches that know its public key would take no other's word."),
        )
        return Exit.USAGE
    except OSError as failure:
        complain(f"{failure.filename}: {failure.strerror}")
        return Exit.USAGE
    except ValueWrong as wrong:
        complain(setting_words.complaint(wrong))
        return Exit.USAGE
    return Exit.DONE
