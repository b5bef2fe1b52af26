"""What an installation takes on disk."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from tests.benchmarks.harness import REPOSITORY, Figure

GOAL_MB = 650
_MEGABYTE = 1_000_000


def _locked(lock: str) -> set[str]:
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    return set(re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text))


def _bytes(package: str) -> int:
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:  # wanted on another system alone
        return 0
    paths = {Path(str(file.locate())) for file in files}
    return sum(path.stat().st_size for path in paths if path.is_file())


def _tree(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def measure() -> list[Figure]:
    """Everything `requirements.lock` installs, the model, and the application."""
    packages = {name: _bytes(name) for name in _locked("requirements.lock")}
    model = sum(_bytes(name) for name in _locked("requirements-model.lock"))
    own = _tree(REPOSITORY / "aiproxy_desktop") + _tree(REPOSITORY / "resources")
    total = sum(packages.values()) + model + own
    largest, size = max(packages.items(), key=lambda item: item[1])
    return [
        Figure(
            "installed size, with the model",
            f"{total / _MEGABYTE:.0f} MB (model {model / _MEGABYTE:.0f}, {largest} {size / _MEGABYTE:.0f})",
            f"at most {GOAL_MB} MB",
            total <= GOAL_MB * _MEGABYTE,
        )
    ]
