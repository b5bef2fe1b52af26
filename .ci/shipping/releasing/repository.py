"""What a release asks of git, and has it do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shipping.errors import GitError


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree with its history. Every method may raise GitError."""

    top: Path

    def branch(self) -> str:
        """The branch that is checked out; empty where none is."""
        return self._ask("branch", "--show-current").strip()

    def head(self) -> str:
        """The commit that is checked out, as its hash."""
        return self.commit_of("HEAD")

    def commit_of(self, name: str) -> str:
        """The hash of the commit that a name (also a tag's) stands for."""
        return self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()

    def changes(self) -> list[str]:
        """Paths that differ from the last commit, or that git does not know; in order."""
        told = self._ask("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
        return sorted(entry[3:] for entry in told.split("\0") if entry)

    def tags(self) -> list[str]:
        """Names of all tags."""
        return self._ask("tag", "--list").split()

    def text_of(self, commit: str, path: str) -> str:
        """A file as a commit has it."""
        return self._ask("show", f"{commit}:{path}")

    def can_commit(self) -> None:
        """Whether git knows whose name a commit bears; raises GitError where it does not."""
        self._ask("var", "GIT_COMMITTER_IDENT")

    def commit(self, paths: Iterable[str], message: str, seconds: int) -> str:
        """Commit these files alone; the hash of the commit.

        Args:
            paths: from the top of the tree.
            message: its first line is the subject.
            seconds: since 1970, the commit's time.
        """
        when = f"{seconds} +0000"
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        command = ("commit", "--quiet", "--cleanup=whitespace", "--file=-", "--only", "--", *paths)
        self._ask(*command, text=message, extra=dates)
        return self.head()

    def tag(self, name: str, message: str, seconds: int) -> None:
        """Put a tag with a message on what is checked out."""
        when = {"GIT_COMMITTER_DATE": f"{seconds} +0000"}
        self._ask("tag", "--annotate", "--cleanup=whitespace", "--file=-", name, text=message, extra=when)

    def uncommit(self, before: str) -> None:
        """Have the branch end with an earlier commit again; files stay as they are."""
        self._ask("reset", "--quiet", "--soft", before)

    def unstage(self, paths: Iterable[str]) -> None:
        """Take files off the list for the next commit; they stay as they are."""
        self._ask("reset", "--quiet", "--", *paths)

    def remotes(self) -> list[str]:
        """Names of the repositories elsewhere."""
        return self._ask("remote").split()

    def _ask(self, *arguments: str, text: str = "", extra: dict[str, str] | None = None) -> str:
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.top,
                env={**os.environ, **(extra or {}), "GIT_TERMINAL_PROMPT": "0"},
                input=text,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
                check=False,
            )
        except OSError as error:
            raise GitError(f"git could not be started ({error.strerror}): install it.") from error
        if done.returncode:
            said = " ".join(done.stderr.split()) or f"it ended with {done.returncode}"
            raise GitError(f"git {arguments[0]} did not work: {said}")
        return done.stdout
