"""``loopdesk manifest``: a pair of keys, and the signed manifest that names the version IT wants."""

from __future__ import annotations

import argparse
from pathlib import Path

from loopdesk.app.commands.console import complain, say
from loopdesk.app.commands.exits import Exit


def run(arguments: argparse.Namespace) -> int:
    """Run one of the two commands. Nothing of a profile is read or written."""
    from loopdesk.system.host.clock import SystemClock
    from loopdesk.system.secrets import manifest_signing

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
    except ValueError as failure:
        complain(str(failure))
        return Exit.USAGE
    return Exit.DONE
