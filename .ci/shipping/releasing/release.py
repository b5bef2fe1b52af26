"""`make release VERSION=1.2.3`: from a clean tree to a tagged commit whose packages are built and tested.

Nothing leaves the machine; `make publish` is for that. The packages are built before the commit, and bear
the commit's own time, so that whoever builds the tag gets the same bytes. Where anything fails, or is
interrupted, the tree and `dist` are as they were.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from shipping.errors import ReleaseError, ShippingError
from shipping.layout import TOP, project
from shipping.releasing import changelog, versions
from shipping.releasing.changelog import Section
from shipping.releasing.repository import Repository
from shipping.releasing.undo import DistAside, Running, read, restored, stopped_once, undisturbed, write
from shipping.releasing.verified import verified
from shipping.releasing.versions import Version

_BRANCH = "main"
# The rules of the house, then every package, built and tested as people use it.
_STEPS = ("check", "package")
_MOST_NOTES = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A release that may begin.

    Attributes:
        head: the commit it stands on.
        seconds: since 1970, when it is; the time of its commit and of every file in its packages.
        notes: how the person describes it.
        changes: that, and what was listed as unreleased.
        files: paths from the top, each with its text before and after.
    """

    version: Version
    head: str
    seconds: int
    notes: str
    changes: str
    files: Mapping[str, tuple[str, str]]

    def message(self, text: str) -> str:
        """What the commit (of the notes) and the tag (of all changes, for the release's page) say."""
        return f"{project.NAME} {self.version}\n\n{text}".strip() + "\n"


def main() -> int:
    """Do it, as VERSION and NOTES of the environment say; the exit code."""
    stopped_once()
    try:
        plan = planned(Repository(TOP), os.environ.get("VERSION", ""), os.environ.get("NOTES", ""), sys.stdin)
        release(Repository(TOP), plan)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted: there is no release, and everything is as it was.\n")
        return 130
    except ShippingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"{where}{error.strerror or 'it could not be written'}. There is no release.\n")
        return 1
    return 0


def planned(repository: Repository, version: str, notes: str, person: TextIO) -> Plan:
    """Look whether there can be a release, and ask the person to describe it where `notes` does not.

    Raises:
        ShippingError: there cannot.
    """
    if not version:
        raise ReleaseError('Which version? Write: make release VERSION=1.2.3 NOTES="What is new in it."')
    wanted = Version.of(version)
    _check_tree(repository)
    head = repository.head()
    code, changes = (read(repository.top / name) for name in (versions.FILE, changelog.FILE))
    sections = changelog.sections(changes)
    _check_step(wanted, versions.standing(code), versions.tagged(repository.tags()), sections)
    described = _checked_notes(notes.strip() or _asked(wanted, person, bool(sections[0].text)))
    now = int(time.time())
    released = changelog.released(changes, wanted, datetime.fromtimestamp(now, UTC).date(), described)
    files = {
        versions.FILE: (code, versions.raised(code, wanted)),
        changelog.FILE: (changes, released),
    }
    return Plan(wanted, head, now, described, changelog.sections(released)[1].text, files)


def release(repository: Repository, plan: Plan) -> None:
    """Write, build, test, commit and tag; or leave everything as it was.

    Raises:
        ShippingError, OSError: it did not work.
        KeyboardInterrupt: it was not wanted any more.
    """
    dist = DistAside(repository.top)
    made = ""
    try:
        dist.move()
        for name, (_, after) in plan.files.items():
            write(repository.top / name, after)
        for step in _STEPS:
            _run(repository.top, step, plan)
        verified(repository.top / "dist", plan.version)
        _check_nobody_else(repository, plan)
        undisturbed()  # a commit without its tag is nothing to stop at
        made = repository.commit(plan.files, plan.message(plan.notes), plan.seconds)
        repository.tag(plan.version.tag, plan.message(plan.changes), plan.seconds)
    except BaseException:
        # Whatever it was, also an interruption; a second one must not leave half of this.
        undisturbed()
        restored(repository, plan.head, made, plan.files)
        dist.put_back()
        raise
    dist.forget()
    sys.stdout.write(
        f"{plan.version} is committed and tagged as {plan.version.tag}; its packages are in dist.\n"
        f"Nothing has left this machine: make publish VERSION={plan.version} does that.\n"
    )


def _check_tree(repository: Repository) -> None:
    repository.can_commit()
    branch = repository.branch()
    if branch != _BRANCH:
        where = f"the branch {branch}" if branch else "no branch"
        raise ReleaseError(f"Releases are made on {_BRANCH}, and this is {where}: git switch {_BRANCH}.")
    changes = repository.changes()
    if changes:
        raise ReleaseError(f"Not everything is committed ({_listed(changes)}): commit it, or take it away.")


def _check_step(wanted: Version, standing: Version, tags: list[Version], sections: list[Section]) -> None:
    if wanted in tags:
        raise ReleaseError(f"The tag {wanted.tag} is there already: choose a higher version.")
    known = [*tags, *(section.version for section in sections if section.version)]
    if known and wanted <= max(known):
        raise ReleaseError(f"{wanted} does not go up: {max(known)} was released; choose a higher version.")
    if wanted < standing:
        raise ReleaseError(f"{wanted} does not go up: {versions.FILE} says {standing}; choose that or more.")


def _asked(version: Version, person: TextIO, listed: bool) -> str:
    """What the person types, up to an empty line; nothing will do where the changes are listed."""
    wish = " Type nothing if the list of what is unreleased says it all." if listed else ""
    sys.stdout.write(f"Describe {version} for those who will use it; an empty line ends.{wish}\n")
    sys.stdout.flush()
    lines: list[str] = []
    while line := person.readline().strip():
        lines.append(line)
    if not lines and not (listed and person.isatty()):
        raise ReleaseError(f'Nothing describes {version}: add NOTES="What is new.", or type it when asked.')
    return "\n".join(lines)


def _checked_notes(notes: str) -> str:
    if len(notes) > _MOST_NOTES:
        raise ReleaseError(f"The description is longer than {_MOST_NOTES} characters: shorten it.")
    if any(not (char.isprintable() or char == "\n") for char in notes):
        raise ReleaseError("The description holds characters that cannot be shown: write it as plain text.")
    return notes


def _check_nobody_else(repository: Repository, plan: Plan) -> None:
    """Nobody may have changed what is about to be tagged: neither the person nor what built the packages."""
    if repository.head() != plan.head or repository.branch() != _BRANCH:
        raise ReleaseError("Something else was checked out meanwhile: release again, and wait for its end.")
    strangers = sorted(set(repository.changes()) - set(plan.files))
    if strangers:
        raise ReleaseError(
            f"{_listed(strangers)} changed while the packages were built: commit that, then release again."
        )
    if any(read(repository.top / name) != after for name, (_, after) in plan.files.items()):
        raise ReleaseError(f"{_listed(list(plan.files))} changed meanwhile: look there, then release again.")


def _run(top: Path, step: str, plan: Plan) -> None:
    sys.stdout.write(f"== {step}\n")
    sys.stdout.flush()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(plan.seconds)}
    # What was meant for the release is not for the steps, where these names may mean something else.
    for name in ("VERSION", "NOTES", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        environment.pop(name, None)
    with Running([str(top / ".ci" / step)], top, environment) as running:
        code = running.wait()
    if code:
        raise ReleaseError(f".ci/{step} failed: there is no release, and everything is as it was.")


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more


if __name__ == "__main__":
    sys.exit(main())
