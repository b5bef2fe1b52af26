"""What runs without being installed: the AppImage, and what the Flatpak is made of."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from shipping.layout import VERSION, project
from shipping.linux import appimage, flatpak

_PATIENCE = 300.0

in_a_folder = pytest.mark.skipif(
    not (appimage.APP_DIR / "AppRun").is_file(), reason="there is no AppDir: `make package` lays one"
)
as_one_file = pytest.mark.skipif(
    not appimage.target().is_file(), reason="there is no AppImage: APPIMAGE_RUNTIME was not set"
)
for_flatpak = pytest.mark.skipif(
    not (flatpak.FOLDER / flatpak.MANIFEST).is_file(), reason="the Flatpak's folder is not laid"
)


def _said(command: list[str], **environment: str) -> str:
    home = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    done = subprocess.run(
        command, env={**home, **environment}, capture_output=True, text=True, timeout=_PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@in_a_folder
def test_apprun_starts_what_was_frozen_wherever_it_is_mounted(tmp_path: Path) -> None:
    mounted = tmp_path / "mounted here"
    mounted.symlink_to(appimage.APP_DIR)
    told = _said([str(mounted / "AppRun"), "--version"], APPDIR=str(mounted))
    assert told == f"{project.COMMAND} {VERSION}\n"


@in_a_folder
@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-utils are missing")
def test_the_entry_at_its_top_is_a_valid_one() -> None:
    assert not _said(["desktop-file-validate", str(appimage.APP_DIR / f"{project.COMMAND}.desktop")])


@as_one_file
def test_the_one_file_runs_where_nothing_can_be_mounted() -> None:
    # As in a container: it unpacks itself.
    told = _said([str(appimage.target()), "--version"], APPIMAGE_EXTRACT_AND_RUN="1")
    assert told == f"{project.COMMAND} {VERSION}\n"


@for_flatpak
def test_the_flatpak_is_made_of_what_was_frozen() -> None:
    told = _said([str(flatpak.FOLDER / "application" / project.COMMAND), "--version"])
    assert told == f"{project.COMMAND} {VERSION}\n"
