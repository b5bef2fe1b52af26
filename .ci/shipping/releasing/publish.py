"""`make publish VERSION=1.2.3`: give away a release that `make release` made before.

It sends the tag to where the project lives; there a workflow builds the packages of every system from it,
and publishes them once somebody agrees. UPLOAD=pypi also sends the wheel and the source archive to PyPI, by
twine; UPLOAD=github makes the release on GitHub from here, by gh, where no workflow does; UPLOAD=pypi,github
is both. Nothing is sent before the person at the terminal has typed what was asked for, and whatever failed
can be done again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shipping.errors import PublishError, ShippingError
from shipping.layout import TOP, project
from shipping.releasing import changelog, versions, wheel
from shipping.releasing.repository import Repository
from shipping.releasing.verified import verified
from shipping.releasing.versions import Version

_BRANCH = "main"
# Where files can go, and the program that takes them there.
_PLACES = {"pypi": "twine", "github": "gh"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that leaves this machine: as told to the person, and as a command with what it reads."""

    says: str
    command: tuple[str, ...]
    text: str = ""


def main() -> int:
    """Do it, as VERSION, REMOTE and UPLOAD of the environment say; the exit code."""
    environ = os.environ
    try:
        repository = Repository(TOP)
        version = Version.of(environ.get("VERSION") or str(versions.version_of(TOP)))
        steps = planned(
            repository, version, environ.get("REMOTE") or "origin", _places(environ.get("UPLOAD", ""))
        )
        _confirm(version, steps)
        for step in steps:
            _do(step)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted: look above for what was sent, and run it again for the rest.\n")
        return 130
    except ShippingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Published: {project.NAME} {version}.\n")
    return 0


def planned(repository: Repository, version: Version, remote: str, places: Sequence[str]) -> list[Step]:
    """What will be done, in this order.

    Raises:
        ShippingError: the release is not there, not whole, or cannot be sent.
    """
    if version not in versions.tagged(repository.tags()):
        raise PublishError(f"There is no tag {version.tag}: make release VERSION={version} makes it.")
    commit = repository.commit_of(version.tag)
    if versions.standing(repository.text_of(commit, versions.FILE)) != version:
        raise PublishError(f"The tag {version.tag} is on another version: take it away, and release again.")
    if remote not in repository.remotes():
        raise PublishError(f"There is no remote {remote} to send it to: git remote add {remote} ADDRESS.")
    names = [f"refs/tags/{version.tag}"]
    # What was committed since then waits for the person's own push.
    if repository.commit_of(_BRANCH) == commit:
        names.append(f"refs/heads/{_BRANCH}")
    shown = " and ".join(name.rsplit("/", 1)[1] for name in names)
    steps = [Step(f"send {shown} to {remote}", ("git", "push", "--atomic", remote, *names))]
    if places:
        changes = repository.text_of(commit, changelog.FILE)
        steps += _uploads(version, changes, repository.top / "dist", places)
    return steps


def _places(given: str) -> list[str]:
    """In the order of `_PLACES`: whoever is told of a release should find it everywhere."""
    wanted = [place for place in given.split(",") if place]
    unknown = sorted(set(wanted) - set(_PLACES))
    if unknown:
        raise PublishError(f"UPLOAD names {', '.join(unknown)}: it can name {' and '.join(_PLACES)}.")
    return [place for place in _PLACES if place in wanted]


def _uploads(version: Version, changes: str, dist: Path, places: Sequence[str]) -> list[Step]:
    files = verified(dist, version)
    for_pip = [dist / wheel.source_name(str(version)), dist / wheel.wheel_name(str(version))]
    for place in places:
        if shutil.which(_PLACES[place]) is None:
            raise PublishError(f"{_PLACES[place]} is missing, which uploads to {place}: install it.")
    notes = [section.text for section in changelog.sections(changes) if section.version == version]
    title = f"{project.NAME} {version}"
    release = ("gh", "release", "create", version.tag, "--verify-tag", "--title", title, "--notes-file", "-")
    steps = {
        "pypi": Step(
            "upload the wheel and the source archive to PyPI, for good",
            ("twine", "upload", "--non-interactive", "--skip-existing", *map(str, for_pip)),
        ),
        "github": Step(
            f"make a release of {len(files)} files on GitHub", (*release, *map(str, files)), "".join(notes)
        ),
    }
    return [steps[place] for place in places]


def _confirm(version: Version, steps: Sequence[Step]) -> None:
    if not sys.stdin.isatty():
        raise PublishError("Publishing wants to be confirmed by hand: run it in a terminal.")
    wanted = f"publish {version}"
    told = "".join(f"  {number}. {step.says}\n" for number, step in enumerate(steps, 1))
    sys.stdout.write(f"This will, for everyone to see:\n{told}Type {wanted} to go on: ")
    sys.stdout.flush()
    try:
        typed = sys.stdin.readline()
    except KeyboardInterrupt:
        typed = ""
    if typed.strip() != wanted:
        raise PublishError("Nothing was published." if typed else "\nNothing was published.")


def _do(step: Step) -> None:
    sys.stdout.write(f"== {step.says}\n")
    sys.stdout.flush()
    try:
        done = subprocess.run(step.command, cwd=TOP, input=step.text, text=True, check=False)
    except OSError as error:
        raise PublishError(f"{step.command[0]} could not be started ({error.strerror}).") from error
    if done.returncode:
        raise PublishError(f"It did not work to {step.says}: see above, mend it, and publish again.")


if __name__ == "__main__":
    sys.exit(main())
