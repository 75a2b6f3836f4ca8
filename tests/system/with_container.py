"""The hub's image: built as the Containerfile says, set up in a container and served from one.

Registries are not asked: the base is a Debian that mmdebstrap makes, and not the image of Python that the
Containerfile names. Containers are run by chroot, so what a container runtime adds is not shown.
"""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.architecture import ROOT
from tests.hub.spare_postgres import PROGRAMS, SparePostgres
from tests.hub.try_it import free_port
from tests.system.tools import debian_postgres, needs, needs_root, run

MINUTES: Final = 30
BASE: Final = ROOT / "build/hub-base-bookworm.tar"
AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"


class Images:
    """A store of images of its own.

    Args:
        folder: Where it is; nothing is left elsewhere.
    """

    def __init__(self, folder: Path) -> None:
        self._command = ["buildah", "--root", f"{folder}/images", "--runroot", f"{folder}/run"]
        self._command += ["--storage-driver", "vfs"]

    def __call__(self, *arguments: str) -> str:
        """Run buildah to its end, and return what it said."""
        return run(self.command(*arguments), minutes=MINUTES).strip()

    def command(self, *arguments: str) -> list[str]:
        """Return what runs buildah."""
        return [*self._command, *arguments]


@pytest.fixture
def images(tmp_path: Path) -> Iterator[Images]:
    """A store with the hub's image in it."""
    needs("buildah", "mmdebstrap")
    needs_root()
    if not BASE.is_file():
        BASE.parent.mkdir(exist_ok=True)
        making = BASE.with_suffix(".part")
        made = [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--format=tar",
            "--include=python3-venv,ca-certificates",
        ]
        subprocess.run([*made, "bookworm", str(making)], check=True, timeout=MINUTES * 60)
        making.replace(BASE)
    found = Images(tmp_path)
    base = found("from", "scratch")
    found("add", "--quiet", base, str(BASE), "/")
    found("copy", "--quiet", base, AUTHORITIES, AUTHORITIES)  # a site's own, behind which a registry may be
    found("config", "--env", f"PIP_CERT={AUTHORITIES}", base)
    found("commit", "--quiet", base, "localhost/base")
    built = [
        "build",
        "--quiet",
        "--isolation",
        "chroot",
        "--network",
        "host",
        "--build-arg",
        "BASE=localhost/base",
    ]
    found(*built, "-f", "packaging/hub/Containerfile", "-t", "loopdesk-hub", ".")
    yield found
    found("rm", "--all")


def test_the_image_sets_a_hub_up_and_serves(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRAMS, str(debian_postgres()))
    hub = images("from", "--pull-never", "localhost/loopdesk-hub")
    program = ("run", "--isolation", "chroot", hub, "--", "/opt/loopdesk/bin/loopdesk", "hub")
    server = SparePostgres(settings={"listen_addresses": "127.0.0.1"})
    try:
        server.start()
        address = f"https://127.0.0.1:{free_port()}"
        where = ("--database", "postgresql://postgres@127.0.0.1/postgres", "--site", "North")
        assert "/etc/loopdesk/hub.toml" in images(*program, "init", *where, "--address", address)
        images(*program, "check")
        _serves(images, hub, program, address)
        images(*program, "backup", "/etc/loopdesk/copy.dump")
    finally:
        server.close()


def _serves(images: Images, hub: str, program: tuple[str, ...], address: str) -> None:
    certificate = images("run", "--isolation", "chroot", hub, "--", "cat", "/etc/loopdesk/hub.crt")
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusted.load_verify_locations(cadata=certificate)
    with subprocess.Popen(
        images.command(*program, "serve"), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("https://")
            with httpx.Client(verify=trusted, trust_env=False, base_url=address) as client:
                for path in ("/healthz", "/readyz"):
                    told = client.get(path)
                    sys.stdout.write(f"{path} {told.status_code} {told.text}\n")
                    assert told.status_code == 200
        finally:
            os.killpg(process.pid, signal.SIGTERM)
