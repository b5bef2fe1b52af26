"""Rooms for the tests of what was built, and the table that `make package` ends with.

`figures` takes rows for it: `figures.add("frozen start", "1.1 x", goal="1.2 x")`. Where NOTHING_SKIPPED is
set, a test fails that would be skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.packaged.clean_root import NoRoomError, clean_root
from tests.packaged.debs import built
from tests.packaged.room import Room

_TABLE = pytest.StashKey["Figures"]()


@dataclass(slots=True)
class Figures:
    """What was measured: a name, a figure, and what it should be."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, goal: str = "") -> None:
        """One row more."""
        self.rows.append((what, figure, goal))


def pytest_configure(config: pytest.Config) -> None:
    """Nothing was measured yet."""
    config.stash[_TABLE] = Figures()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table, below all else."""
    rows = config.stash[_TABLE].rows
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    terminalreporter.section("what was measured")
    for what, figure, goal in rows:
        wanted = f"  goal {goal}" if goal else ""
        terminalreporter.write_line(f"{what:<{widths[0]}}  {figure:>{widths[1]}}{wanted}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is skipped where all should be there was not tested."""
    report = yield
    if report.skipped and os.environ.get("NOTHING_SKIPPED"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    """The table of this run."""
    return pytestconfig.stash[_TABLE]


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a clean Debian; tests that need one are skipped where none can be made."""
    try:
        return clean_root()
    except NoRoomError as error:
        pytest.skip(str(error))


@dataclass(frozen=True, slots=True)
class Installation:
    """A Debian with something installed: the folders for rooms over it, and how many seconds apt took."""

    layers: tuple[Path, ...]
    seconds: float


@pytest.fixture(scope="session")
def libraries(bare: Path) -> Iterator[Installation]:
    """What the package needs and recommends, and not the package: most of it is on every desktop."""
    asked = ["dpkg-deb", "--show", "--showformat=${Depends}, ${Recommends}", str(built())]
    wanted = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    with Room.over(bare) as room:
        satisfied = room.root("apt-get", "satisfy", "-y", wanted)
        room.close()
        yield Installation((room.layer, bare), satisfied.seconds)


@pytest.fixture(scope="session")
def installation(libraries: Installation) -> Iterator[Installation]:
    """The package, installed as a person does it; rooms are laid over it, and change nothing of it."""
    with Room.over(*libraries.layers) as room:
        installed = room.root("apt-get", "install", "-y", put(room, built()))
        assert " 1 newly installed" in installed.said
        room.close()
        yield Installation((room.layer, *libraries.layers), installed.seconds)


@pytest.fixture
def room(installation: Installation) -> Iterator[Room]:
    """A room in which the application is installed, and was never started."""
    with Room.over(*installation.layers) as room:
        yield room


def put(room: Room, package: Path) -> str:
    """Put a package into a room: its name there."""
    shutil.copy(package, room.inside("/srv"))
    return f"/srv/{package.name}"
