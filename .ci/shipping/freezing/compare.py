"""What differs between two builds: `PYTHONPATH=.ci python -m shipping.freezing.compare FOLDER OTHER`."""

from __future__ import annotations

import sys
from pathlib import Path

_PIECE = 1 << 20


def differences(first: Path, second: Path) -> list[str]:
    """One line for each file that is in one of two trees alone, or is not the same in both; times are let be.

    Args:
        first: a folder.
        second: another, or two files that are compared with one another.
    """
    ours, theirs = (_tree(root) for root in (first, second))
    found = [f"only in {first}: {name}" for name in ours if name not in theirs]
    found += [f"only in {second}: {name}" for name in theirs if name not in ours]
    for name in ours:
        if name in theirs:
            what = _differing(ours[name], theirs[name])
            found += [f"{what} differs: {name}"] if what else []
    return sorted(found)


def _tree(root: Path) -> dict[str, Path]:
    if not root.is_dir():
        return {root.name: root}
    return {path.relative_to(root).as_posix(): path for path in root.rglob("*")}


def _differing(first: Path, second: Path) -> str:
    """What of two files is not the same; empty where all is."""
    mine, its = first.lstat(), second.lstat()
    if mine.st_mode != its.st_mode:
        return "the kind or the mode"
    if first.is_symlink():
        return "the target" if first.readlink() != second.readlink() else ""
    differ = first.is_file() and (mine.st_size != its.st_size or not _same(first, second))
    return "the content" if differ else ""


def _same(first: Path, second: Path) -> bool:
    with first.open("rb") as one, second.open("rb") as other:
        while piece := one.read(_PIECE):
            if piece != other.read(_PIECE):
                return False
    return True


def main(folders: list[str]) -> int:
    """Print them; 1 where there are any."""
    found = differences(*map(Path, folders))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
