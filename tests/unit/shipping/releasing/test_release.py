"""`make release`, with real git, in a small tree of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shipping.releasing.verified import expected
from shipping.releasing.versions import Version

from tests.unit.shipping.releasing.small_tree import PACKAGE, SmallTree

SOURCE = "aiproxy_desktop/__init__.py"
# What a shell, make and git would each like to read as their own.
NOTES = """It's "new": $5, `date`, $(date), $$ and \\n\n# not a comment"""


def test_a_version_is_written_built_committed_and_tagged(tree: SmallTree) -> None:
    before = tree.git("rev-parse", "HEAD")
    done = tree.make("release", "VERSION=0.2.0", f"NOTES={NOTES}")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert tree.git("status", "--porcelain") == ""
    assert '__version__ = "0.2.0"' in (tree.top / SOURCE).read_text()
    day = datetime.fromtimestamp(int(tree.git("log", "-1", "--format=%ct")), UTC).date()
    changes = (tree.top / "CHANGELOG.md").read_text()
    assert f"## Unreleased\n\n## 0.2.0 - {day}\n\n{NOTES}\n\n- A lamp.\n\n## 0.1.0 - 2026-10-01" in changes
    assert tree.git("rev-parse", "HEAD~1") == before
    assert tree.git("rev-parse", "v0.2.0^{commit}") == tree.git("rev-parse", "main")
    message = f"AI Proxy Desktop 0.2.0\n\n{NOTES}"
    assert tree.git("log", "-1", "--format=%B") == message
    tag = tree.git("for-each-ref", "--format=%(objecttype) %(contents)", "refs/tags/v0.2.0")
    assert tag == f"tag {message}\n\n- A lamp."
    assert tree.git("diff", "--name-only", "HEAD~1").split() == ["CHANGELOG.md", SOURCE]
    assert "make publish VERSION=0.2.0" in done.stdout


def test_packages_bear_the_new_version_and_the_commits_own_time(tree: SmallTree) -> None:
    assert tree.make("release", "VERSION=0.2.0", "NOTES=New.").returncode == 0
    files = {path.name for path in (tree.top / "dist").iterdir()}
    assert files == {"SHA256SUMS", *expected(Version(0, 2, 0))}
    built = (tree.top / "dist" / expected(Version(0, 2, 0))[0]).read_text().strip()
    assert built == tree.git("log", "-1", "--format=%ct")
    assert not (tree.top / "build" / "dist-before").exists()


def test_who_says_nothing_is_asked(tree: SmallTree) -> None:
    done = tree.make("release", "VERSION=1.0.0", typed="A great day.\nFor lamps.\n\nnot this")
    assert done.returncode == 0, done.stderr
    assert "Describe 1.0.0" in done.stdout
    assert tree.git("log", "-1", "--format=%b") == "A great day.\nFor lamps."


def test_the_first_release_may_be_what_stands_there(tree: SmallTree) -> None:
    tree.git("tag", "--delete", "v0.1.0")
    (tree.top / "CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\nAll.\n")
    tree.git("commit", "--quiet", "--all", "--message", "Nothing was released yet")
    done = tree.make("release", "VERSION=0.1.0", "NOTES=The first.")
    assert done.returncode == 0, done.stderr
    assert tree.git("diff", "--name-only", "HEAD~1") == "CHANGELOG.md"
    assert tree.make("release", "VERSION=0.2.0", "NOTES=The second.").returncode == 0


def _untracked(tree: SmallTree) -> None:
    (tree.top / "notes on lamps.txt").write_text("lamps")


def _changed(tree: SmallTree) -> None:
    (tree.top / "CHANGELOG.md").write_text("# Changes\n")


def _elsewhere(tree: SmallTree) -> None:
    tree.git("switch", "--quiet", "--create", "lamps")


def _nowhere(tree: SmallTree) -> None:
    tree.git("switch", "--quiet", "--detach")


def _tagged(tree: SmallTree) -> None:
    tree.git("tag", "v0.2.0")


def _ahead(tree: SmallTree) -> None:
    (tree.top / SOURCE).write_text('__version__ = "0.3.0"\n')
    tree.git("commit", "--quiet", "--all", "--message", "Ahead")


def _unlisted(tree: SmallTree) -> None:
    (tree.top / "CHANGELOG.md").write_text("# Changes\n")
    tree.git("commit", "--quiet", "--all", "--message", "Too much taken away")


def _unknown(tree: SmallTree) -> None:
    (tree.top.parent / "gitconfig").write_text("[user]\nuseConfigOnly = true\n")


def _check_fails(tree: SmallTree) -> None:
    tree.script("check", "exit 3")


def _package_fails(tree: SmallTree) -> None:
    tree.script("package", f"{PACKAGE}\nexit 1")


def _hook_refuses(tree: SmallTree) -> None:
    hook = tree.top / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no lamps today >&2\nexit 1\n")
    hook.chmod(0o755)


def _tag_is_a_folder(tree: SmallTree) -> None:
    tree.git("tag", "v0.2.0/taken")


def _package_is_not_all(tree: SmallTree) -> None:
    tree.script("package", f"{PACKAGE}\nrm ./*-slim_*\nsed -i /-slim_/d SHA256SUMS")


def _package_changes_after_all(tree: SmallTree) -> None:
    tree.script("package", f"{PACKAGE}\necho more >>aiproxy-desktop-$version.cdx.json")


def _disk_is_full(tree: SmallTree) -> None:
    # Stands in: a folder of that name is in the way of the new file.
    (tree.top / "CHANGELOG.md.new").mkdir()


def _not_text(tree: SmallTree) -> None:
    (tree.top / "CHANGELOG.md").write_bytes(b"# Changes\n\n## Unreleased\n\n\xff\n")
    tree.git("commit", "--quiet", "--all", "--message", "From another machine")


def _no_dist(tree: SmallTree) -> None:
    (tree.top / "dist" / "of-before.txt").unlink()
    (tree.top / "dist").rmdir()
    _package_fails(tree)


def _nothing(tree: SmallTree) -> None:
    pass


@pytest.mark.parametrize(
    ("prepare", "version", "notes", "said"),
    [
        (_nothing, "", "New.", "Which version? Write: make release VERSION=1.2.3"),
        (_nothing, "0.2", "New.", "'0.2' is no version"),
        (_nothing, "v0.2.0", "New.", "'v0.2.0' is no version"),
        (_nothing, "0.1.0", "New.", "The tag v0.1.0 is there already"),
        (_nothing, "0.0.9", "New.", "0.0.9 does not go up: 0.1.0 was released"),
        (_ahead, "0.2.0", "New.", "0.2.0 does not go up: aiproxy_desktop/__init__.py says 0.3.0"),
        (_tagged, "0.2.0", "New.", "The tag v0.2.0 is there already"),
        (_untracked, "0.2.0", "New.", "Not everything is committed (notes on lamps.txt)"),
        (_changed, "0.2.0", "New.", "Not everything is committed (CHANGELOG.md)"),
        (_elsewhere, "0.2.0", "New.", "Releases are made on main, and this is the branch lamps"),
        (_nowhere, "0.2.0", "New.", "Releases are made on main, and this is no branch"),
        (_unlisted, "0.2.0", "New.", "CHANGELOG.md should begin with one section ## Unreleased"),
        (_not_text, "0.2.0", "New.", "CHANGELOG.md is not UTF-8 from byte 26 on: mend it first."),
        (_no_dist, "0.2.0", "New.", ".ci/package failed"),
        (_unknown, "0.2.0", "New.", "git var did not work"),
        (_nothing, "0.2.0", "", "Nothing describes 0.2.0"),
        (_nothing, "0.2.0", "New.\n## 9.9.9", "begins with ##"),
        (_nothing, "0.2.0", "\x1b[31mNew.", "characters that cannot be shown"),
        (_check_fails, "0.2.0", "New.", ".ci/check failed"),
        (_package_fails, "0.2.0", "New.", ".ci/package failed"),
        (_package_is_not_all, "0.2.0", "New.", "dist lacks aiproxy-desktop-slim_0.2.0_"),
        (
            _package_changes_after_all,
            "0.2.0",
            "New.",
            "aiproxy-desktop-0.2.0.cdx.json in dist is not as it was",
        ),
        (_disk_is_full, "0.2.0", "New.", "CHANGELOG.md.new: Is a directory. There is no release."),
        (_hook_refuses, "0.2.0", "New.", "no lamps today"),
        (_tag_is_a_folder, "0.2.0", "New.", "git tag did not work"),
    ],
)
def test_what_cannot_be_leaves_everything_as_it_was(
    tree: SmallTree, prepare: Callable[[SmallTree], None], version: str, notes: str, said: str
) -> None:
    prepare(tree)
    before = tree.state()
    done = tree.make("release", f"VERSION={version}", f"NOTES={notes}")
    ours, _, makes = done.stderr.partition("\nmake:")
    assert makes
    assert said in ours
    assert len(ours.splitlines()) == 1
    assert tree.state() == before


def test_what_others_change_meanwhile_is_named_and_left_to_them(tree: SmallTree) -> None:
    tree.script("package", f"({PACKAGE})\necho more >>Makefile")
    head = tree.git("rev-parse", "HEAD")
    done = tree.make("release", "VERSION=0.2.0", "NOTES=New.")
    assert "Makefile changed while the packages were built" in done.stderr
    assert tree.git("status", "--porcelain") == "M Makefile"
    assert (tree.git("rev-parse", "HEAD"), tree.git("tag", "--list", "v*")) == (head, "v0.1.0")
    assert [path.name for path in (tree.top / "dist").iterdir()] == ["of-before.txt"]


def test_a_commit_of_others_meanwhile_stays(tree: SmallTree) -> None:
    tree.script("package", f"({PACKAGE})\ngit commit --quiet --allow-empty --message 'From elsewhere'")
    done = tree.make("release", "VERSION=0.2.0", "NOTES=New.")
    assert "Something else was checked out meanwhile" in done.stderr
    assert tree.git("log", "-1", "--format=%s") == "From elsewhere"
    assert (tree.git("status", "--porcelain"), tree.git("tag", "--list", "v*")) == ("", "v0.1.0")


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)
def test_an_interruption_leaves_everything_as_it_was(tree: SmallTree, number: signal.Signals) -> None:
    # With a child that would outlive it.
    tree.script(
        "package", "mkdir -p dist build; echo half >dist/half.deb\nsleep 1000 & echo $! >build/sleeper\nwait"
    )
    before = tree.state()
    environment = {**tree.environment(), "VERSION": "0.2.0", "NOTES": "New."}
    with subprocess.Popen(
        [".ci/release"],
        cwd=tree.top,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as release:
        sleeper = _number_in(tree.top / "build" / "sleeper")
        release.send_signal(number)
        release.send_signal(number)  # as when make passes on what the terminal has sent already
        _, said = release.communicate(timeout=120)
    assert release.returncode == 130
    assert said.strip() == "Interrupted: there is no release, and everything is as it was."
    assert tree.state() == before
    assert not _is_running(sleeper)


def _number_in(path: Path) -> int:
    for _ in range(1200):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.1)
    raise AssertionError(f"{path.name} did not come")


def _is_running(process: int) -> bool:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        state = Path(f"/proc/{process}/stat")
        if state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return False  # it has ended, and nobody has asked how
        time.sleep(0.1)
    return True
