"""What is shipped of what PyInstaller found."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipping.freezing.contents import Entry, chosen, is_the_systems

pytestmark = pytest.mark.skipif(
    "not sys.platform.startswith('linux')", reason="libraries as Linux names them"
)


def _entry(target: str, kind: str = "BINARY") -> Entry:
    return (target, f"/from/{target}", kind)


def _names(entries: list[Entry]) -> list[str]:
    return [target for target, _, _ in entries]


def _chosen(entries: list[Entry], needs: dict[str, list[str]] | None = None) -> list[str]:
    return _names(chosen(entries, ["de"], lambda path: (needs or {}).get(path.name, [])))


def test_a_library_of_the_system_stays_outside() -> None:
    assert all(
        is_the_systems(name)
        for name in (
            "libc.so.6",
            "libstdc++.so.6",
            "libEGL.so.1",
            "libX11.so.6",
            "libxcb-shm.so.0",
            "libssl.so.3",
        )
    )
    assert not any(
        is_the_systems(name)
        for name in ("libxcb-cursor.so.0", "libQt6Core.so.6", "libportaudio.so.2", "libpython3.11.so.1.0")
    )


def test_a_library_comes_along_for_what_is_shipped_and_for_that_alone() -> None:
    plugins = "PySide6/Qt/plugins"
    entries = [
        _entry(f"{plugins}/platforms/libqxcb.so"),
        _entry(f"{plugins}/platformthemes/libqgtk3.so"),
        _entry("libxcb-cursor.so.0"),
        _entry("libxcb-util.so.1"),
        _entry("libgtk-3.so.0"),
        _entry("libcairo.so.2"),
        _entry("libX11.so.6"),
    ]
    needs = {
        "libqxcb.so": ["libxcb-cursor.so.0", "libX11.so.6"],
        "libxcb-cursor.so.0": ["libxcb-util.so.1"],
        "libqgtk3.so": ["libgtk-3.so.0"],
        "libgtk-3.so.0": ["libcairo.so.2"],
    }
    assert _chosen(entries, needs) == [
        f"{plugins}/platforms/libqxcb.so",
        "libxcb-cursor.so.0",
        "libxcb-util.so.1",
    ]


def test_a_link_stays_with_what_it_points_at() -> None:
    entries = [
        _entry("PySide6/QtCore.abi3.so", "EXTENSION"),
        _entry("PySide6/Qt/lib/libQt6Core.so.6"),
        _entry("PySide6/Qt/lib/libQt6Quick.so.6"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("libQt6Quick.so.6", "PySide6/Qt/lib/libQt6Quick.so.6", "SYMLINK"),
    ]
    found = _chosen(entries, {"QtCore.abi3.so": ["libQt6Core.so.6"]})
    assert found == ["PySide6/QtCore.abi3.so", "PySide6/Qt/lib/libQt6Core.so.6", "libQt6Core.so.6"]


def test_a_module_beside_the_libraries_is_none_of_them() -> None:
    module = "_cffi_backend.cpython-311-x86_64-linux-gnu.so"
    entries = [_entry(module, "EXTENSION"), _entry("libffi.so.8"), _entry("liblonely.so.1")]
    assert _chosen(entries, {module: ["libffi.so.8"]}) == [module, "libffi.so.8"]


def test_python_itself_is_nobodys_dependency_and_stays() -> None:
    assert _chosen([_entry("libpython3.11.so.1.0")]) == ["libpython3.11.so.1.0"]


@pytest.mark.parametrize(
    ("path", "stays"),
    [
        ("PySide6/Qt/plugins/platforms/libqwayland.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/Qt/plugins/styles/libqmacstyle.dylib", True),
        ("PySide6/Qt/plugins/permissions/libqdarwinmicrophonepermission.dylib", True),
        ("PySide6/Qt/plugins/permissions/libqdarwincamerapermission.dylib", False),
        ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", False),
        ("PySide6/Qt/plugins/wayland-graphics-integration-client/libqt-plugin-wayland-egl.so", True),
        ("PySide6/Qt/plugins/imageformats/libqpdf.so", False),
        ("PySide6/Qt/qml/QtQuick/libqtquick2plugin.so", False),
        ("PySide6/opengl32sw.dll", False),
        ("PySide6/Qt6VirtualKeyboard.dll", False),
        ("PySide6/Qt/lib/QtQmlModels.framework/Versions/A/QtQmlModels", False),
        ("PySide6/Qt/lib/QtPdf.framework/Versions/A/QtPdf", False),
        ("PySide6/Qt6Widgets.dll", True),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("PySide6/Qt/translations/qtbase_fr.qm", False),
        ("PySide6/Qt/translations/qt_help_de.qm", False),
        ("aiproxy_desktop/resources/tokens.json", True),
        ("keyring-25.7.0.dist-info/METADATA", True),
        ("keyring-25.7.0.dist-info/entry_points.txt", True),
        ("keyring-25.7.0.dist-info/RECORD", False),
        ("keyring-25.7.0.dist-info/sboms/keyring.cdx.json", False),
    ],
)
def test_of_qt_only_what_is_used(path: str, stays: bool) -> None:
    assert _chosen([_entry(path, "DATA")]) == ([path] if stays else [])


def test_on_windows_paths_have_their_own_stroke() -> None:
    path = "PySide6\\plugins\\imageformats\\qpdf.dll"
    assert chosen([(path, str(Path("from")), "BINARY")], [], lambda _: []) == []
