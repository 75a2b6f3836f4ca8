"""Checks that every library that a file of the frozen folder needs is there, or part of the system.

Read from the files themselves, so that the folder of any system can be looked at on any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from freeze import contents

_ELF, _PE = b"\x7fELF", b"MZ"


def needed(file: Path) -> frozenset[str]:
    """Return the names of the libraries that a program or a library asks for; none for other files."""
    with file.open("rb") as opened:
        magic = opened.read(4)
    if magic == _ELF:
        return _needed_of_elf(file)
    return _needed_of_pe(file) if magic.startswith(_PE) else frozenset()


def _needed_of_elf(file: Path) -> frozenset[str]:
    from elftools.elf.dynamic import DynamicSection  # noqa: PLC0415 - only where there is something to read
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415

    with file.open("rb") as opened:
        dynamic = ELFFile(opened).get_section_by_name(".dynamic")
        if not isinstance(dynamic, DynamicSection):
            return frozenset()
        return frozenset(tag.needed for tag in dynamic.iter_tags() if tag.entry.d_tag == "DT_NEEDED")


def _needed_of_pe(file: Path) -> frozenset[str]:
    import pefile  # noqa: PLC0415 - only where there is something to read

    tables = ("IMAGE_DIRECTORY_ENTRY_IMPORT", "IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT")
    with pefile.PE(str(file), fast_load=True) as program:
        program.parse_data_directories([pefile.DIRECTORY_ENTRY[name] for name in tables])
        imports = [
            *getattr(program, "DIRECTORY_ENTRY_IMPORT", ()),
            *getattr(program, "DIRECTORY_ENTRY_DELAY_IMPORT", ()),
        ]
        return frozenset(entry.dll.decode("ascii") for entry in imports)


def read(folder: Path) -> dict[str, frozenset[str]]:
    """Return what each file of a folder asks for, by its place."""
    return {place: needed(folder / place) for place in contents.places(folder)}


def dangling(asked: Mapping[str, Iterable[str]], system: Iterable[str]) -> Iterator[str]:
    """Return the libraries that are needed and neither there nor part of the system.

    Args:
        asked: What each file asks for, as ``read`` returns it.
        system: Patterns of what the system has.
    """
    there = {PurePosixPath(place).name.casefold() for place in asked}
    provided = tuple(system)
    for place, names in asked.items():
        for name in sorted(names):
            if name.casefold() not in there and not contents.matches(name, provided):
                yield f"{place} asks for {name}, which is neither there nor the system's"


def idle(asked: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Return the Qt libraries that nothing needs: what used them was left out and they were not."""
    wanted = {name.casefold() for names in asked.values() for name in names}
    for place in asked:
        name = PurePosixPath(place).name
        if name.startswith(("libQt6", "Qt6", "libicu")) and name.casefold() not in wanted:
            yield f"{place} is asked for by nothing"
