"""The packages that were built, and packages to upgrade from."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from shipping.layout import BUILD, OUT, VERSION, architecture

# The last release's package is put here by whoever has it, for the upgrade to begin with.
PREVIOUS = BUILD / "previous"
# Lower than any version there was.
_BEFORE_ALL = "0.0.1~before"


def built(slim: bool = False) -> Path:
    """The package with the model, or the one without.

    Raises:
        FileNotFoundError: it was not built.
    """
    name = "aiproxy-desktop-slim" if slim else "aiproxy-desktop"
    found = OUT / f"{name}_{VERSION}_{architecture()}.deb"
    if not found.exists():
        raise FileNotFoundError(f"{found} is not there: `make package` builds it")
    return found


def previous() -> Path:
    """The last release's package; where there is none, today's files under a version before all others."""
    released = sorted(PREVIOUS.glob(f"aiproxy-desktop_*_{architecture()}.deb"))
    if released:
        return released[-1]
    return renumbered(built(), _BEFORE_ALL)


def renumbered(package: Path, version: str) -> Path:
    """The same package under another version; made once."""
    made = BUILD / "rooms" / f"aiproxy-desktop_{version}_{architecture()}.deb"
    if not made.exists() or made.stat().st_mtime < package.stat().st_mtime:
        with tempfile.TemporaryDirectory(dir=made.parent) as folder:
            _under_version(package, version, Path(folder), made)
    return made


def version_of(package: Path) -> str:
    """Its version."""
    asked = subprocess.run(
        ["dpkg-deb", "--field", str(package), "Version"], capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()


def _under_version(package: Path, version: str, folder: Path, target: Path) -> None:
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
    control = tree / "DEBIAN" / "control"
    lines = control.read_text().splitlines(True)
    control.write_text("".join(_line_with(line, version) for line in lines))
    (tree / "DEBIAN" / "md5sums").unlink(missing_ok=True)
    made = folder / target.name
    subprocess.run(["dpkg-deb", "--build", "-Znone", str(tree), str(made)], check=True, capture_output=True)
    shutil.move(made, target)


def _line_with(line: str, version: str) -> str:
    return f"Version: {version}\n" if line.startswith("Version:") else line
