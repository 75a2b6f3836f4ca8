"""Signs and verifies; in the rehearsal with a certificate that is made and thrown away.

    python -m windows.signing FILE... --certificate CERT.pem --key KEY.pem [--timestamp URL]
    python -m windows.signing FILE... --command "COMMAND WITH ARGUMENTS"

No issuer sells a key in a file any more: it lies in a hardware key or with a signing service, whose own
command signs. It is run once a file, with the file's path in the place of ``{}`` or behind its arguments, and
must sign it in its place; what it leaves unsigned stops the release.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from windows.running import Failed, Log, Runner, expect

NAME = "loopdesk"
LOG = Path(__file__).resolve().parents[2] / "build" / "signing.log"


def throw_away_certificate(runner: Runner, folder: Path) -> tuple[Path, Path]:
    """Make a certificate that may sign code, valid for two days. Returns it and its key."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    use = (
        "-addext",
        "keyUsage=critical,digitalSignature",
        "-addext",
        "extendedKeyUsage=critical,codeSigning",
    )
    made = ("-newkey", "rsa:3072", "-noenc", "-keyout", str(key), "-out", str(certificate))
    who = ("-x509", "-days", "2", "-subj", "/O=loopdesk rehearsal/CN=thrown away")
    runner.run("openssl", "req", *who, *made, *use, limit=60)
    return certificate, key


def sign(runner: Runner, file: Path, certificate: Path, key: Path, timestamp: str = "") -> None:
    """Sign a program, a library or an MSI in its place."""
    fresh = file.with_name(f"{file.name}.signed")
    stamped = ("-ts", timestamp) if timestamp else ()
    who = ("-certs", str(certificate), "-key", str(key), "-h", "sha256", "-n", NAME)
    runner.run("osslsigncode", "sign", *who, *stamped, "-in", str(file), "-out", str(fresh), limit=120)
    shutil.copymode(file, fresh)
    fresh.replace(file)


def sign_by(runner: Runner, file: Path, command: str) -> None:
    """Let another program sign a file in place, and check that it did.

    Args:
        command: As in a shell, without redirections; secrets it reads in its environment.

    Raises:
        Failed: It failed, or the file carries no signature now, or still the one of before.
    """
    words = shlex.split(command)
    expect(words, "the command that signs is empty")
    before = file.read_bytes()
    placed = [word.replace("{}", str(file)) for word in words]
    runner.run(*(placed if placed != words else [*words, str(file)]), limit=600)
    expect(file.read_bytes() != before, f"{words[0]} changed nothing in {file.name}")
    expect(has_signature(runner, file), f"{words[0]} left {file.name} without a signature")


def has_signature(runner: Runner, file: Path) -> bool:
    """Whether a file carries a signature, whoever made it."""
    taken = file.with_name(f"{file.name}.signature")
    found = runner.run(
        "osslsigncode", "extract-signature", "-in", str(file), "-out", str(taken), limit=120, code=None
    )
    taken.unlink(missing_ok=True)
    return found.code == 0


def is_valid(runner: Runner, file: Path, certificate: Path) -> bool:
    """Whether a file is unchanged since it was signed under this certificate."""
    trust = ("-CAfile", str(certificate), "-TSA-CAfile", str(certificate))
    return runner.run("osslsigncode", "verify", *trust, "-in", str(file), limit=120, code=None).code == 0


def check_signature(runner: Runner, file: Path, certificate: Path, scratch: Path) -> None:
    """Check that a signature is valid, and that flipping one bit in the middle of the file breaks it."""
    expect(is_valid(runner, file, certificate), f"the signature of {file.name} does not hold")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    changed = scratch / f"changed-{file.name}"
    changed.write_bytes(data)
    holds = is_valid(runner, changed, certificate)
    changed.unlink()
    expect(not holds, f"{file.name} was changed and its signature still holds")


def sign_all(runner: Runner, files: Iterable[Path], certificate: Path, key: Path, scratch: Path) -> int:
    """Sign and check each. Returns how many."""
    count = 0
    for count, file in enumerate(files, 1):  # noqa: B007 - the last one is the result
        sign(runner, file, certificate, key)
        check_signature(runner, file, certificate, scratch)
    return count


def main(argv: list[str]) -> int:
    """Sign the files of a release. Returns 1 when one could not be signed."""
    parser = argparse.ArgumentParser(description="Sign programs, libraries and MSIs.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument(
        "--command", default="", help="what signs a file in its place, instead of a key in a file"
    )
    parser.add_argument("--timestamp", default="", help="the time stamp server of the certificate's issuer")
    chosen = parser.parse_args(argv)
    if bool(chosen.command) == bool(chosen.certificate and chosen.key):
        parser.error("name either --certificate and --key, or --command")
    runner = Runner(Log(LOG))
    LOG.parent.mkdir(exist_ok=True)
    try:
        for file in chosen.files:
            if chosen.command:
                sign_by(runner, file, chosen.command)
            else:
                sign(runner, file, chosen.certificate, chosen.key, chosen.timestamp)
    except Failed as failure:
        print(f"signing: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
