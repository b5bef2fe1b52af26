"""`make publish`, with real git and a terminal; `gh` and `twine` are programs that only write down."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.shipping.releasing.small_tree import SmallTree


@pytest.fixture(scope="module")
def released(small_tree: SmallTree, tmp_path_factory: pytest.TempPathFactory) -> SmallTree:
    """With a version 0.2.0, made a moment ago."""
    tree = small_tree.copy(tmp_path_factory.mktemp("released"))
    assert tree.make("release", "VERSION=0.2.0", "NOTES=New.").returncode == 0
    return tree


@pytest.fixture
def tree(released: SmallTree, tmp_path: Path) -> SmallTree:
    return released.copy(tmp_path)


@pytest.fixture
def world(tree: SmallTree) -> Path:
    """Where it can be sent to: a repository elsewhere, and programs that note what they were told."""
    place = tree.top.parent / "world"
    tree.git("init", "--quiet", "--bare", str(place / "origin"))
    tree.git("remote", "add", "origin", str(place / "origin"))
    for name in ("gh", "twine"):
        program = place / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\n(echo "{name} $*"; cat) >>"{place}/said"\n')
        program.chmod(0o755)
    return place


def _publish(tree: SmallTree, world: Path, typed: str, **asked: str) -> tuple[int, str]:
    """Exit code, and what someone at a terminal saw."""
    ours, theirs = pty.openpty()
    environment = {**tree.environment(), **asked}
    environment["PATH"] = f"{world / 'bin'}{os.pathsep}{environment['PATH']}"
    with os.fdopen(ours, "r+b", buffering=0) as person:
        person.write(typed.encode())
        done = subprocess.run(
            [".ci/publish"],
            cwd=tree.top,
            env=environment,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        os.close(theirs)
    return done.returncode, done.stdout


def _arrived(tree: SmallTree) -> list[str]:
    told = tree.git("ls-remote", "--quiet", "origin", "refs/*")
    return [line.split()[1] for line in told.splitlines() if not line.endswith("^{}")]


def test_a_release_is_sent_to_where_the_workflow_takes_it_up(tree: SmallTree, world: Path) -> None:
    code, seen = _publish(tree, world, "publish 0.2.0\n")
    assert code == 0, seen
    assert "1. send v0.2.0 and main to origin" in seen
    assert _arrived(tree) == ["refs/heads/main", "refs/tags/v0.2.0"]
    assert not (world / "said").exists()
    assert _publish(tree, world, "publish 0.2.0\n")[0] == 0  # again, since whatever failed can be done again


def test_files_go_up_where_that_was_asked_for(tree: SmallTree, world: Path) -> None:
    code, seen = _publish(tree, world, "publish 0.2.0\n", UPLOAD="github,pypi")
    assert code == 0, seen
    first, second, *notes = (world / "said").read_text().splitlines()
    assert first.startswith("twine upload --non-interactive --skip-existing ")
    assert [word.rsplit("/", 1)[-1] for word in first.split() if "dist/" in word] == [
        ["tree/dist", "aiproxy_desktop-0.2.0.tar.gz"][1],
        "aiproxy_desktop-0.2.0-py3-none-any.whl",
    ]
    assert second.startswith(
        "gh release create v0.2.0 --verify-tag --title AI Proxy Desktop 0.2.0 --notes-file - "
    )
    assert second.endswith("/dist/SHA256SUMS")
    assert second.count("/dist/") == 7
    assert notes == ["New.", "", "- A lamp."]


def test_later_commits_are_not_sent_along(tree: SmallTree, world: Path) -> None:
    tree.git("commit", "--quiet", "--allow-empty", "--message", "Not for the world yet")
    code, seen = _publish(tree, world, "publish 0.2.0\n", VERSION="0.2.0")
    assert code == 0, seen
    assert _arrived(tree) == ["refs/tags/v0.2.0"]


@pytest.mark.parametrize("typed", ["\n", "yes\n", "publish 0.1.0\n", "\x04"])
def test_nothing_is_sent_unless_exactly_that_was_typed(tree: SmallTree, world: Path, typed: str) -> None:
    code, seen = _publish(tree, world, typed, UPLOAD="github")
    assert (code, seen.rsplit(": ", 1)[1].strip()) == (1, "Nothing was published.")
    assert _arrived(tree) == []
    assert not (world / "said").exists()


def _file_differs(tree: SmallTree) -> None:
    (tree.top / "dist" / "aiproxy-desktop-0.2.0.cdx.json").write_text("another")


def _file_is_new(tree: SmallTree) -> None:
    (tree.top / "dist" / "extra.deb").write_text("extra")


def _no_sums(tree: SmallTree) -> None:
    (tree.top / "dist" / "SHA256SUMS").unlink()


def _moved_tag(tree: SmallTree) -> None:
    tree.git("tag", "--force", "v0.2.0", "v0.1.0")


def _another_build(tree: SmallTree) -> None:
    tree.git("tag", "v0.2.1")
    (tree.top / "aiproxy_desktop" / "__init__.py").write_text('__version__ = "0.2.1"\n')
    tree.git("commit", "--quiet", "--all", "--message", "A version by hand")
    tree.git("tag", "--force", "v0.2.1")


def _no_remote(tree: SmallTree) -> None:
    tree.git("remote", "remove", "origin")


def _nothing(tree: SmallTree) -> None:
    pass


@pytest.mark.parametrize(
    ("spoil", "asked", "said"),
    [
        (_file_differs, {"UPLOAD": "pypi"}, "aiproxy-desktop-0.2.0.cdx.json in dist is not as it was built"),
        (_file_is_new, {"UPLOAD": "pypi"}, "extra.deb in dist is not as it was built"),
        (_no_sums, {"UPLOAD": "pypi"}, "dist holds no SHA256SUMS"),
        (_another_build, {"UPLOAD": "pypi"}, "dist lacks aiproxy-desktop_0.2.1_"),
        (_moved_tag, {"VERSION": "0.2.0"}, "The tag v0.2.0 is on another version"),
        (_no_remote, {}, "There is no remote origin"),
        (_nothing, {"VERSION": "0.3.0"}, "There is no tag v0.3.0"),
        (_nothing, {"VERSION": "latest"}, "'latest' is no version"),
        (_nothing, {"UPLOAD": "pypi,attic"}, "UPLOAD names attic: it can name pypi and github."),
    ],
)
def test_what_is_not_whole_is_not_published(
    tree: SmallTree, world: Path, spoil: Callable[[SmallTree], None], asked: dict[str, str], said: str
) -> None:
    spoil(tree)
    code, seen = _publish(tree, world, "publish 0.2.0\n", **asked)
    assert code == 1
    assert said in seen
    assert len(seen.splitlines()) == 1
    assert not (world / "said").exists()


def test_without_a_terminal_nothing_is_published(tree: SmallTree, world: Path) -> None:
    done = tree.make("publish", "VERSION=0.2.0", typed="publish 0.2.0\n")
    assert done.stderr.startswith("Publishing wants to be confirmed by hand")
    assert _arrived(tree) == []


def test_a_program_that_fails_ends_it_there(tree: SmallTree, world: Path) -> None:
    (world / "bin" / "twine").write_text("#!/bin/sh\necho no account >&2\nexit 1\n")
    code, seen = _publish(tree, world, "publish 0.2.0\n", UPLOAD="pypi,github")
    assert code == 1
    assert "no account\nIt did not work to upload the wheel" in seen
    assert not (world / "said").exists()
