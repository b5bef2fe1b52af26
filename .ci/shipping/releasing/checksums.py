"""SHA256SUMS of all that people get, which `sha256sum --check SHA256SUMS` reads."""

from __future__ import annotations

import hashlib
from pathlib import Path

from shipping.errors import ShippingError
from shipping.layout import OUT

NAME = "SHA256SUMS"


def lines(folder: Path) -> list[str]:
    """A line for each file of the folder, in the order of their names."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    return [f"{digest(path)}  {path.name}" for path in files]


def digest(path: Path) -> str:
    """A file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make() -> None:
    """Leave it in `dist/`.

    Raises:
        ShippingError: there is nothing to sum up.
    """
    found = lines(OUT) if OUT.is_dir() else []
    if not found:
        raise ShippingError(f"There is nothing in {OUT} to make {NAME} of: build a package first.")
    (OUT / NAME).write_text("\n".join(found) + "\n", "utf-8", newline="\n")
