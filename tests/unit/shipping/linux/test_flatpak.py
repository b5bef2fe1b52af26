"""The Flatpak's manifest: what it may do, and that all it needs lies beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from shipping.layout import project
from shipping.linux import flatpak

from tests.unit.shipping.tiny_frozen import tiny_frozen

# Each with its reason in the manifest; another one is to be added here on purpose.
_PERMISSIONS = {
    *("--socket=wayland", "--socket=fallback-x11", "--socket=pulseaudio", "--share=ipc", "--share=network"),
    *("--device=dri", "--talk-name=org.freedesktop.secrets"),
    *("--talk-name=org.kde.kwalletd5", "--talk-name=org.kde.kwalletd6"),
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flatpak")
    return flatpak.lay(tiny_frozen(folder / "frozen"), folder / "flatpak")


@pytest.fixture(scope="module")
def told(manifest: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(manifest.read_text("utf-8"))
    return loaded


def test_it_may_do_what_is_reasoned_and_no_more(told: dict[str, Any]) -> None:
    folders = {one for one in told["finish-args"] if one.startswith("--filesystem=")}
    assert set(told["finish-args"]) - folders == _PERMISSIONS
    # The person's own folders, to read.
    assert all(one.startswith("--filesystem=xdg-") and one.endswith(":ro") for one in folders)


def test_all_it_is_made_of_lies_beside_it(told: dict[str, Any], manifest: Path) -> None:
    for module in told["modules"]:
        for source in module["sources"]:
            assert source["type"] == "dir"
            assert (manifest.parent / source["path"]).is_dir()


def test_what_it_renames_is_there_to_be_renamed(told: dict[str, Any], manifest: Path) -> None:
    share = manifest.parent / "share"
    assert told["id"] == project.APPLICATION_ID == manifest.stem
    assert (share / "applications" / told["rename-desktop-file"]).is_file()
    assert (share / "mime" / "packages" / f"{project.APPLICATION_ID}.xml").is_file()
    assert list((share / "icons").rglob(f"{told['rename-icon']}.png"))


@pytest.mark.skipif(shutil.which("flatpak-builder") is None, reason="flatpak-builder is not installed")
def test_flatpak_builder_reads_it(manifest: Path, told: dict[str, Any]) -> None:
    done = subprocess.run(
        ["flatpak-builder", "--show-manifest", manifest.name],
        cwd=manifest.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr  # unknown properties are warned of there
    assert json.loads(done.stdout)["modules"][0]["build-commands"] == told["modules"][0]["build-commands"]


def test_its_script_has_what_it_was_laid_with(manifest: Path) -> None:
    script = manifest.parent / flatpak.BUILD_SCRIPT
    assert subprocess.run(["sh", "-n", str(script)]).returncode == 0
    assert f"id={project.APPLICATION_ID}\n" in script.read_text("utf-8")
    assert script.stat().st_mode & 0o100
