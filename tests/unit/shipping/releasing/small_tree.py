"""A tree of its own with a history, in which `make release` and `make publish` run for real.

What takes minutes there stands in as a few lines of shell: the set-up, the checks and the packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from shipping.layout import architecture

from tests.source import REPOSITORY

# As `.ci/package` leaves it: files by the version that stands in the tree, and their sums.
PACKAGE = """\
version=$(sed -n 's/^__version__ = "\\(.*\\)"$/\\1/p' aiproxy_desktop/__init__.py)
mkdir -p dist
cd dist
echo wheel >aiproxy_desktop-$version-py3-none-any.whl
echo source >aiproxy_desktop-$version.tar.gz
for name in aiproxy-desktop aiproxy-desktop-slim; do
    echo $SOURCE_DATE_EPOCH >${name}_${version}_ARCHITECTURE.deb
done
echo portable >aiproxy-desktop-$version-linux-$(uname -m).tar.gz
echo parts >aiproxy-desktop-$version.cdx.json
sha256sum * >SHA256SUMS
""".replace("ARCHITECTURE", architecture())
CHANGES = "# Changes\n\n## Unreleased\n\n- A lamp.\n\n## 0.1.0 - 2026-10-01\n\nThe first version.\n"


@dataclass(frozen=True, slots=True)
class SmallTree:
    top: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.top, env=self.environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def environment(self) -> dict[str, str]:
        """Of a person whom git knows, who has no settings besides, and types `make` at a prompt."""
        # Where git or make run these tests themselves, they say so: git would go to that repository instead.
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "MAKE", "MFLAGS"))
        }
        settings = str(self.top.parent / "gitconfig")
        return kept | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": settings, "LC_ALL": "C.UTF-8"}

    def script(self, name: str, body: str) -> None:
        """Write and commit one of the scripts of `.ci`."""
        self._write_script(name, body)
        self.git("commit", "--quiet", "--all", "--message", f"Another {name}")

    def make(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments],
            cwd=self.top,
            env=self.environment(),
            input=typed,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def state(self) -> tuple[object, ...]:
        """All that a release which failed must leave as it was."""
        files = {
            path.relative_to(self.top).as_posix(): path.read_bytes()
            for path in sorted(self.top.rglob("*"))
            if path.is_file()
            and ".git" not in path.parts
            and not {"__pycache__", "build", ".venv-package"} & set(path.parts)
        }
        history = self.git("log", "--format=%H %D", "--all")
        return history, self.git("status", "--porcelain", "--branch"), files, self.git("stash", "list")

    def copy(self, folder: Path) -> SmallTree:
        """The same below another folder."""
        shutil.copy2(self.top.parent / "gitconfig", folder / "gitconfig")
        shutil.copytree(self.top, folder / self.top.name)
        return SmallTree(folder / self.top.name)

    def begin(self) -> None:
        """A project with a version 0.1.0 that was released, ready for the next."""
        self.top.mkdir()
        (self.top.parent / "gitconfig").write_text("[user]\nname = A Person\nemail = person@example.org\n")
        shutil.copytree(
            REPOSITORY / ".ci" / "shipping",
            self.top / ".ci" / "shipping",
            ignore=shutil.ignore_patterns("__pycache__", "freezing", "licensing", "linux"),
        )
        for name in (".ci/release", ".ci/publish", "Makefile", "aiproxy_desktop/project.py"):
            (self.top / name).parent.mkdir(exist_ok=True)
            shutil.copy2(REPOSITORY / name, self.top / name)
        (self.top / "aiproxy_desktop" / "__init__.py").write_text('"""Small."""\n\n__version__ = "0.1.0"\n')
        (self.top / "CHANGELOG.md").write_text(CHANGES)
        (self.top / ".gitignore").write_text(".venv-*\n__pycache__/\nbuild/\ndist/\n")
        for name, body in (("setup", "exit 0"), ("check", "exit 0"), ("package", PACKAGE)):
            self._write_script(name, body)
        programs = self.top / ".venv-package" / "bin"
        programs.mkdir(parents=True)
        (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" -B "$@"\n')
        (programs / "python").chmod(0o755)
        (self.top / "dist").mkdir()
        (self.top / "dist" / "of-before.txt").write_text("of before")
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "All of it")
        self.git("tag", "v0.1.0")
        self.git("tag", "nightly")

    def _write_script(self, name: str, body: str) -> None:
        path = self.top / ".ci" / name
        path.write_text(f"#!/bin/bash\nset -e\n{body}\n")
        path.chmod(0o755)
