"""What goes into the frozen program, judged by where PyInstaller would put it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from freeze import keep

from tests.architecture import ROOT

HUB = ROOT / "loopdesk" / "hub"

GERMAN = frozenset({"en", "de"})

KEPT = [
    "PySide6/Qt/lib/libQt6Core.so.6",
    "PySide6/Qt/lib/libicudata.so.73",
    "PySide6/Qt/plugins/platforms/libqxcb.so",
    "PySide6/Qt/plugins/imageformats/libqsvg.so",
    "PySide6/Qt/plugins/imageformats/libqwebp.so",
    "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
    "PySide6/Qt/translations/qtbase_de.qm",
    "PySide6/QtWidgets.abi3.so",
    "PySide6/libpyside6.abi3.so.6.11",
    "PySide6\\Qt6Core.dll",
    "PySide6\\QtCore.pyd",
    "PySide6\\plugins\\platforms\\qwindows.dll",
    "PySide6\\plugins\\platforms\\qoffscreen.dll",
    "PySide6\\plugins\\styles\\qmodernwindowsstyle.dll",
    "PySide6\\translations\\qtbase_de.qm",
    "PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui",
    "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
    "PySide6\\QtMultimedia.pyd",
    "PySide6\\Qt6Multimedia.dll",
    "PySide6\\plugins\\multimedia\\windowsmediaplugin.dll",
    "PySide6/Qt/lib/QtMultimedia.framework/Versions/A/QtMultimedia",
    "PySide6/Qt/lib/QtConcurrent.framework/Versions/A/QtConcurrent",
    "PySide6/Qt/plugins/multimedia/libdarwinmediaplugin.dylib",
    "python311.dll",
    "libpython3.11.so.1.0",
    "libssl.so.3",
    "pydantic_core/_pydantic_core.cpython-311-x86_64-linux-gnu.so",
    "keyring-25.7.0.dist-info/entry_points.txt",
    "keyring-25.7.0.dist-info/METADATA",
    "resources/icons/LICENSE",
    "loopdesk/store/migrations/0001_initial.sql",
]

DROPPED = [
    "PySide6/Qt/lib/libQt6Qml.so.6",
    "PySide6/Qt/lib/libQt6Pdf.so.6",
    "PySide6/Qt/lib/libQt6WaylandCompositor.so.6",
    "PySide6/Qt/plugins/platforms/libqeglfs.so",
    "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
    "PySide6/Qt/plugins/imageformats/libqpdf.so",
    "PySide6/Qt/plugins/tls/libqopensslbackend.so",
    "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
    "PySide6/Qt/translations/qtbase_pl.qm",
    "PySide6/Qt/translations/qt_en.qm",
    "PySide6/Qt/translations/qtbase_en.qm",
    "PySide6/QtQml.abi3.so",
    "PySide6\\Qt6Quick.dll",
    "PySide6\\Qt6MultimediaWidgets.dll",
    "PySide6\\Qt6MultimediaQuick.dll",
    "PySide6\\QtMultimediaWidgets.pyd",
    "PySide6\\avcodec-61.dll",
    "PySide6\\swscale-8.dll",
    "PySide6\\plugins\\multimedia\\ffmpegmediaplugin.dll",
    "PySide6/Qt/plugins/multimedia/libffmpegmediaplugin.dylib",
    "PySide6/Qt/lib/libavcodec.61.dylib",
    "PySide6\\opengl32sw.dll",
    "PySide6\\plugins\\tls\\qschannelbackend.dll",
    "PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick",
    "api-ms-win-crt-runtime-l1-1-0.dll",
    "libstdc++.so.6",
    "libgtk-3.so.0",
    "libglib-2.0.so.0",
    "keyring-25.7.0.dist-info/RECORD",
    "keyring-25.7.0.dist-info/INSTALLER",
    "cryptography-50.0.2.dist-info/sboms/sbom.json",
    "cryptography-50.0.2.dist-info/licenses/LICENSE.BSD",
]


@pytest.mark.parametrize("place", KEPT)
def test_what_the_program_needs_is_kept(place: str) -> None:
    assert keep.is_kept(place, GERMAN)


@pytest.mark.parametrize("place", DROPPED)
def test_what_the_program_does_not_need_is_left_out(place: str) -> None:
    assert not keep.is_kept(place, GERMAN)


def test_a_language_that_is_shipped_brings_qts_own_words_along() -> None:
    assert keep.is_kept("PySide6/Qt/translations/qtbase_pl.qm", GERMAN | {"pl"})


def test_every_qt_module_that_the_program_imports_is_kept() -> None:
    imported = {
        line.split("PySide6.Qt", 1)[1].split()[0].rstrip(",")
        for path in (ROOT / "loopdesk").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if line.lstrip().startswith(("from PySide6.Qt", "import PySide6.Qt"))
    }
    assert imported
    assert imported <= set(keep.MODULES)


def test_what_is_imported_by_name_is_kept_and_still_asked_for() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "loopdesk").rglob("*.py"))
    for name in keep.IMPORTED_BY_NAME:
        assert name.removeprefix("PySide6.Qt") in keep.MODULES
        assert f'import_module("{name}")' in source


@pytest.mark.parametrize("compiled", ["_miniaudio", "nacl._sodium"])
def test_what_a_compiled_library_imports_is_named(compiled: str) -> None:
    found = find_spec(compiled)
    assert found is not None
    assert found.origin is not None
    library = Path(found.origin).read_bytes()
    assert all(name.encode() in library for name in keep.IMPORTED_BY_COMPILED)
    assert not set(keep.IMPORTED_BY_COMPILED) & set(keep.NOT_IMPORTED)


def test_own_files_are_the_resources_and_the_sql_without_any_python() -> None:
    own = keep.own_files(ROOT)
    folders = {folder for _, folder in own}
    assert {"resources/icons", "resources/sounds", "resources/themes", "resources/vocab"} <= folders
    assert "resources/locales/de/LC_MESSAGES" in folders
    assert {"loopdesk/store/queries", "loopdesk/store/migrations"} <= folders
    assert not [path for path, _ in own if path.endswith((".py", ".pyc", ".po"))]


def test_the_package_for_benches_carries_nothing_of_the_hub_and_all_else() -> None:
    files = [source for source, _ in keep.own_files(ROOT)]
    assert not any(str(HUB) in source for source in files)
    assert any(source.endswith("0001_initial.sql") for source in files)
    installed = (ROOT / "requirements" / "run.txt").read_text("utf-8").replace("-", "_")
    wanted = {name for name in keep.NOT_IMPORTED if f"\n{name}==" in installed}
    assert "loopdesk.hub" in keep.NOT_IMPORTED
    assert wanted == set(keep.COMPILING)  # what a bench asks for is never left out but for what compiles it
