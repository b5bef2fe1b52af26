from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.paths import AppPaths


def test_a_chosen_folder_holds_everything(tmp_path: Path) -> None:
    paths = AppPaths.resolve(str(tmp_path / "mine"), {"AIPROXY_HOME": "/elsewhere"})
    paths.ensure()

    for path in (paths.settings_file, paths.database_file, paths.log_file, paths.crash_file, paths.cache):
        assert path.is_relative_to(tmp_path / "mine")
    assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700


def test_the_environment_chooses_when_the_command_line_does_not(tmp_path: Path) -> None:
    assert AppPaths.resolve(None, {"AIPROXY_HOME": str(tmp_path)}).data == tmp_path


def test_without_a_choice_the_systems_own_folder_is_used() -> None:
    assert AppPaths.resolve(None, {}).data.name == "aiproxy-desktop"


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a frozen application."""
    folder = tmp_path / "stick" / "aiproxy-desktop"
    (folder / "data").mkdir(parents=True)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "aiproxy-desktop"))
    return folder


def test_a_folder_beside_the_frozen_application_holds_everything(frozen: Path, tmp_path: Path) -> None:
    paths = AppPaths.resolve(None, {})
    assert (paths.data, paths.cache, paths.form) == (frozen / "data", frozen / "data" / "cache", "portable")
    assert AppPaths.resolve(None, {"AIPROXY_HOME": str(tmp_path)}).form == "chosen"
    assert AppPaths.resolve(str(tmp_path), {}).data == tmp_path
    (frozen / "data").rmdir()
    assert AppPaths.resolve(None, {}).form == "usual"


def test_beside_an_appimage_is_where_its_file_lies(frozen: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    mounted = {"APPIMAGE": str(tmp_path / "it.AppImage"), "APPDIR": str(frozen.parent)}
    assert AppPaths.resolve(None, mounted).data == tmp_path / "data"
    # Started by another program that is an AppImage.
    other = mounted | {"APPDIR": str(tmp_path / "other")}
    assert AppPaths.resolve(None, other).data == frozen / "data"


def test_beside_a_bundle_of_macos_is_where_the_bundle_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "AI Proxy Desktop.app" / "Contents" / "MacOS"
    inside.mkdir(parents=True)
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(inside / "aiproxy-desktop"))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert AppPaths.resolve(None, {}).data == tmp_path / "data"


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(StorageError, match=r"taken.*cannot be made") as failure:
        AppPaths.resolve(str(tmp_path / "taken"), {}).ensure()
    assert "--data-dir" in failure.value.advice


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is not text"):
        AppPaths.resolve(f"{tmp_path}/\udcff", {}).ensure()


def test_a_folder_that_no_one_may_write_is_named() -> None:
    # No permission bit stops root, as whom tests may run; the kernel's own file system does.
    with pytest.raises(StorageError, match="/proc/self/aiproxy cannot be"):
        AppPaths.resolve("/proc/self/aiproxy", {}).ensure()
