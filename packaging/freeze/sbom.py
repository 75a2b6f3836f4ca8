"""Writes the software bill of materials (CycloneDX), for vulnerability scanners."""

from __future__ import annotations

import platform
import ssl
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from freeze import licences, version

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

SPELLED = {
    "any-OSI": "Zlib",
}
"""Licenses whose name on the package is not an SPDX identifier."""


def name(version_: str, system: str, machine: str) -> str:
    """Return the name of the list's file: the lists of all packages of a release lie in one folder."""
    return f"loopdesk-{version_}-{system}-{machine.lower()}.cdx.json"


def text(root: Path) -> str:
    """Return the list as JSON: the libraries of this system, the interpreter and what is inside it."""
    from cyclonedx.builder.this import this_component  # noqa: PLC0415 - only the freezer has it
    from cyclonedx.model.bom import Bom  # noqa: PLC0415
    from cyclonedx.model.component import Component, ComponentType  # noqa: PLC0415
    from cyclonedx.output.json import JsonV1Dot6  # noqa: PLC0415

    bom = Bom()
    program = Component(name="loopdesk", version=version.read(root), type=ComponentType.APPLICATION)
    bom.metadata.component = program
    bom.metadata.tools.components.add(this_component())
    parts = [
        *(_library(library) for library in licences.shipped(root)),
        Component(name="python", version=platform.python_version(), type=ComponentType.PLATFORM),
        Component(name="openssl", version=ssl.OPENSSL_VERSION.split()[1], type=ComponentType.LIBRARY),
        _library(metadata.distribution("pyinstaller")),
    ]
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(program, parts)
    written: str = JsonV1Dot6(bom).output_as_string(indent=2)
    return written + "\n"


def _library(library: metadata.Distribution) -> Component:
    from cyclonedx.factory.license import LicenseFactory  # noqa: PLC0415 - only the freezer has it
    from cyclonedx.model.component import Component, ComponentType  # noqa: PLC0415
    from packageurl import PackageURL  # noqa: PLC0415

    about = library.metadata.json
    kinds = [each for each in about.get("classifier", ()) if each.startswith("License")]
    said = str(about.get("license_expression") or about.get("license") or kinds[0].rpartition(" :: ")[2])
    return Component(
        name=library.name,
        version=library.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", None, library.name.casefold().replace("_", "-"), library.version),
        licenses=[LicenseFactory().make_from_string(SPELLED.get(said, said))],
    )
