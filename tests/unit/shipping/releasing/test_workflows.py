"""The workflows: pinned, with few rights, and speaking of what is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from shipping.__main__ import STEPS
from shipping.linux import appimage, flatpak

from tests.source import REPOSITORY

_FILES = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
_RELEASE = REPOSITORY / ".github" / "workflows" / "release.yml"


def _loaded(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def _steps(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in _loaded(path)["jobs"].items():
        for step in job["steps"]:
            yield name, step


def _scripts(path: Path) -> Iterator[tuple[str, str]]:
    """Each script with the shell it is for."""
    workflow = _loaded(path)
    for job in workflow["jobs"].values():
        shell = job.get("defaults", {}).get("run", {}).get("shell", "bash")
        yield from ((shell, step["run"]) for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_with_their_version_beside(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    assert len({action.partition("@")[0] for action, _ in used}) == len(set(used)), "one version of each"


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_rights_are_few(path: Path) -> None:
    workflow = _loaded(path)
    assert workflow["permissions"] == {"contents": "read"}
    writers = {
        name for name, job in workflow["jobs"].items() if "write" in job.get("permissions", {}).values()
    }
    assert writers <= {"gather", "publish"}
    for _, step in _steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_publishing_is_a_job_of_its_own_that_somebody_agrees_to() -> None:
    jobs = _loaded(_RELEASE)["jobs"]
    publish = jobs["publish"]
    assert publish["environment"] == "release"
    assert publish["permissions"] == {"contents": "write"}
    assert publish["if"] == "github.event_name == 'push' && github.ref_type == 'tag'"
    assert set(publish["needs"]) == {"version", "gather"}
    assert [name for name, job in jobs.items() if job.get("permissions", {}).get("contents") == "write"] == [
        "publish"
    ]
    # It builds nothing, and meets no code of the tree.
    assert not any("checkout" in step.get("uses", "") for step in publish["steps"])


def test_no_script_has_text_from_outside_put_into_it() -> None:
    for path in _FILES:
        for _, script in _scripts(path):
            assert set(re.findall(r"\$\{\{\s*(.*?)\s*\}\}", script)) <= {"matrix.target"}, script


def test_what_it_names_is_there() -> None:
    for path in _FILES:
        for _, script in _scripts(path):
            for found in re.findall(r"(?:\./)?((?:\.ci|resources)/[\w./-]+)", script):
                assert (REPOSITORY / found).is_file(), found
            for found in re.findall(r"-m shipping ((?:\w+ ?)+)", script):
                assert set(found.split()) <= STEPS.keys(), found
            for found in re.findall(r"(?m)^make ([\w-]+)$", script):
                assert re.search(rf"(?m)^{found}:", (REPOSITORY / "Makefile").read_text()), found


def test_what_a_job_takes_another_has_left() -> None:
    left = set()
    for _, step in _steps(_RELEASE):
        if step.get("uses", "").startswith("actions/upload-artifact@"):
            left.add(step["with"]["name"])
    for _, step in _steps(_RELEASE):
        if step.get("uses", "").startswith("actions/download-artifact@"):
            wanted = step["with"].get("name") or step["with"]["pattern"]
            assert any(re.fullmatch(wanted.replace("*", ".*"), name) for name in left), wanted


def test_the_parts_it_fetches_are_those_that_the_steps_want() -> None:
    text = _RELEASE.read_text("utf-8")
    assert f"freedesktop-{flatpak.RUNTIME_VERSION}" in text
    release = re.search(r"type2-runtime/releases/download/(\d+)/runtime-x86_64", text)
    assert release is not None
    assert f"release {release[1]}," in Path(appimage.__file__).read_text("utf-8")


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_scripts_are_well_formed(path: Path, tmp_path: Path) -> None:
    scripts = [
        re.sub(r"\$\{\{.*?\}\}", "value", script) for shell, script in _scripts(path) if shell == "bash"
    ]
    files = []
    for number, script in enumerate(scripts):
        file = tmp_path / f"{number}.sh"
        file.write_text(f"#!/bin/bash\nset -eo pipefail\n{script}")
        files.append(str(file))
        done = subprocess.run(["bash", "-n", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, script + done.stderr
    _shellcheck(files)


def test_the_shell_scripts_of_the_installers_are_well_formed() -> None:
    folder = REPOSITORY / "resources" / "installer"
    files = [
        str(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.read_bytes().startswith((b"#!/bin/sh", b"#!/bin/bash"))
    ]
    assert files
    _shellcheck(files)


def _shellcheck(files: list[str]) -> None:
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", "--severity=warning", *files], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
