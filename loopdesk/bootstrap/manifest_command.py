"""``loopdesk manifest``: a pair of keys, and the signed manifest that names the version IT wants."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from loopdesk.bootstrap.exits import Exit


def run(arguments: argparse.Namespace) -> int:
    """Run one of the two commands. Nothing of a profile is read or written."""
    from loopdesk.system import manifest_signing

    try:
        if arguments.manifest_command == "keys":
            sys.stdout.write(manifest_signing.make_keys(Path(arguments.private)) + "\n")
        else:
            folder = Path(arguments.folder)
            packages = [Path(package) for package in arguments.packages]
            private = Path(arguments.private)
            manifest_signing.sign(private, arguments.version, folder, packages, arguments.notes)
            sys.stdout.write(f"{folder / 'manifest.json'}\n{folder / 'manifest.json.sig'}\n")
    except FileExistsError:
        sys.stderr.write(
            f"loopdesk: {arguments.private} is there already.\n"
            "  Nothing was changed: benches that know its public key would take no other's word.\n"
        )
        return Exit.USAGE
    except OSError as failure:
        sys.stderr.write(f"loopdesk: {failure.filename}: {failure.strerror}\n")
        return Exit.USAGE
    except ValueError as failure:
        sys.stderr.write(f"loopdesk: {failure}\n")
        return Exit.USAGE
    return Exit.DONE
