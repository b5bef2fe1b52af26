"""Where images go from the command line: names, formats, and what is there already."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from aiproxy_desktop.commands.output_files import check_folder, check_free
from aiproxy_desktop.core.errors import RequestError

ImageFormat: TypeAlias = Literal["png", "jpeg", "webp"]

_ENDINGS: Final[dict[str, ImageFormat]] = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
}


@dataclass(frozen=True, slots=True)
class ImageTargets:
    """The files to write: `file`, or `file-1`, `file-2` … where there are several."""

    file: Path
    count: int
    format: ImageFormat
    force: bool

    @property
    def mime(self) -> str:
        """The type of what is written."""
        return f"image/{self.format}"

    def path(self, index: int) -> Path:
        """Where the image of this index goes, counted from 0."""
        if self.count == 1 and index == 0:
            return self.file
        return self.file.with_name(f"{self.file.stem}-{index + 1}{self.file.suffix}")

    def check_free(self, path: Path) -> None:
        """Look whether something is there that must stay.

        Raises:
            StorageError: it is.
        """
        check_free(path, force=self.force)


def targets_of(options: argparse.Namespace) -> ImageTargets:
    """The files that were asked for, looked at before anything is sent.

    Raises:
        RequestError: the format cannot be told, or cannot hold what is asked.
        StorageError: a file is there already, or its folder is not.
    """
    if str(options.output) == "-":
        raise RequestError(
            "An image goes into a file, not to standard output", "Name a .png, .jpg or .webp file."
        )
    targets = ImageTargets(options.output, options.n, _format(options), options.force)
    if options.background == "transparent" and targets.format == "jpeg":
        raise RequestError("A JPEG cannot have a transparent background", "Name a .png or .webp file.")
    if options.mask is not None and not options.no_protect and targets.format != "png":
        raise RequestError(
            f"A {targets.format.upper()} file cannot keep what is outside the mask exactly as it is",
            "Name a .png file, or add --no-protect.",
        )
    check_folder(targets.file.parent)
    for index in range(targets.count):
        targets.check_free(targets.path(index))
    return targets


def _format(options: argparse.Namespace) -> ImageFormat:
    path: Path = options.output
    told = _ENDINGS.get(path.suffix.lower())
    wanted: ImageFormat | None = options.format
    if told is None and wanted is None:
        raise RequestError(
            f"The name “{path.name}” does not tell the format",
            "End it in .png, .jpg or .webp, or add --format.",
        )
    if told is not None and wanted is not None and told != wanted:
        raise RequestError(
            f"“{path.name}” is the name of a {told.upper()} file, and --format says {wanted}",
            "Let both say the same.",
        )
    found = told or wanted
    assert found is not None
    return found


def cost_text(usd: float | None) -> str:
    """What one image cost, as a person reads it."""
    if usd is None:
        return "cost unknown"
    if usd == 0:
        return "free"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"
