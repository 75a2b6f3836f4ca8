"""Signs with osslsigncode and verifies; in the rehearsal with a certificate that is made and thrown away.

python -m windows.signing FILE... --certificate CERT.pem --key KEY.pem [--timestamp URL]
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable
from pathlib import Path

from windows.running import Log, Runner, expect

NAME = "loopdesk"


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


def is_valid(runner: Runner, file: Path, certificate: Path) -> bool:
    """Whether a file is unchanged since it was signed under this certificate."""
    trust = ("-CAfile", str(certificate), "-TSA-CAfile", str(certificate))
    return runner.run("osslsigncode", "verify", *trust, "-in", str(file), limit=120, code=None).code == 0


def check_signature(runner: Runner, file: Path, certificate: Path, scratch: Path) -> None:
    """See that a signature holds, and that it breaks when one bit in the middle of the file turns."""
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


def main() -> None:
    """Sign the files of a release."""
    parser = argparse.ArgumentParser(description="Sign programs, libraries and MSIs.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--timestamp", default="", help="the time stamp server of the certificate's issuer")
    chosen = parser.parse_args()
    runner = Runner(Log(Path(__file__).resolve().parents[2] / "build" / "signing.log"))
    for file in chosen.files:
        sign(runner, file, chosen.certificate, chosen.key, chosen.timestamp)


if __name__ == "__main__":
    main()
