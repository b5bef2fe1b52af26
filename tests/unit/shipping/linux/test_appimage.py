"""The AppImage's folder and file, of a small application; the runtime is a stand-in where there is none."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from shipping.errors import ShippingError
from shipping.layout import project
from shipping.linux import appimage

from tests.unit.shipping.tiny_frozen import tiny_frozen


@pytest.fixture(scope="module")
def app_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("appimage")
    return appimage.lay(tiny_frozen(folder / "frozen"), folder / "an App.AppDir")


def test_its_top_has_what_is_looked_for_there(app_dir: Path) -> None:
    entry = app_dir / f"{project.COMMAND}.desktop"
    assert entry.is_file()
    icon = next(line for line in entry.read_text().splitlines() if line.startswith("Icon="))
    assert (app_dir / f"{icon.removeprefix('Icon=')}.png").read_bytes()[:4] == b"\x89PNG"
    assert (app_dir / ".DirIcon").is_file()
    assert list((app_dir / "usr" / "share" / "metainfo").glob(f"{project.APPLICATION_ID}.*.xml"))
    for path in app_dir.rglob("*"):
        assert not (path.is_symlink() and path.readlink().is_absolute()), path


def test_apprun_starts_it_wherever_it_is_mounted(app_dir: Path, tmp_path: Path) -> None:
    moved = tmp_path / "mounted here"
    shutil.copytree(app_dir, moved, symlinks=True)
    for environment in ({}, {"APPDIR": str(moved)}):
        done = subprocess.run(
            [str(moved / "AppRun"), "ask", "two words"],
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
        )
        program = moved / "usr" / "lib" / project.COMMAND / project.COMMAND
        assert done.stdout == f"{program} ask two words\n", done.stderr


@pytest.mark.skipif(shutil.which("mksquashfs") is None, reason="squashfs-tools are not installed")
def test_it_is_the_runtime_and_the_same_file_system_each_time(app_dir: Path, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.write_bytes(b"\x7fELF the runtime")
    images: list[bytes] = []
    for name in ("one", "two"):
        for path in app_dir.rglob("*"):
            os.utime(path, (len(images), len(images)), follow_symlinks=False)
        image = tmp_path / name
        appimage.pack(app_dir, runtime, image)
        images.append(image.read_bytes())
        assert image.stat().st_mode & 0o111
    assert images[0] == images[1]
    assert images[0].startswith(runtime.read_bytes() + b"hsqs")


def test_another_runtime_than_the_chosen_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "runtime"
    file.write_bytes(b"something else")
    monkeypatch.setenv("APPIMAGE_RUNTIME", str(file))
    with pytest.raises(ShippingError, match="not the runtime"):
        appimage.runtime()
    monkeypatch.setitem(appimage.RUNTIMES, platform.machine(), hashlib.sha256(b"something else").hexdigest())
    assert appimage.runtime() == file
    monkeypatch.delenv("APPIMAGE_RUNTIME")
    assert appimage.runtime() is None


def test_without_a_frozen_application_it_says_which_step_comes_first(tmp_path: Path) -> None:
    with pytest.raises(ShippingError, match="do the step freeze first"):
        appimage.lay(tmp_path / "nothing", tmp_path / "AppDir")
    frozen = tiny_frozen(tmp_path)
    shutil.rmtree(frozen / "_internal" / "licences")
    with pytest.raises(ShippingError, match="do the step licences first"):
        appimage.lay(frozen, tmp_path / "AppDir")
    assert not (tmp_path / "AppDir").exists()
