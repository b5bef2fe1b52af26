"""What the About page tells, and its words. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.services.surroundings import Lack
from aiproxy_desktop.ui.translation import tr


@dataclass(frozen=True, slots=True)
class AboutFacts:
    """This installation: its version and where it keeps what it keeps."""

    version: str
    data_folder: Path
    log_folder: Path


def lack_words(lack: Lack) -> tuple[str, str]:
    """What is missing, and what that means, each a line."""
    if lack == "keyring":
        return tr("No keyring answers"), tr("Keys that you enter are kept until you close the window.")
    if lack == "sound":
        return tr("No sound system was found"), tr("Voice waits until there is one.")
    return tr("The window is shown over a network"), tr("It works; what moves may stutter.")


def lacks_sentence(lacks: Sequence[Lack]) -> str:
    """All of it in one notice, for the start."""
    lines = [f"{what}. {meaning}" for what, meaning in each(lacks)]
    return " ".join([*lines, tr("Everything else works.")])


def each(lacks: Sequence[Lack]) -> list[tuple[str, str]]:
    """`lack_words` of each."""
    return [lack_words(lack) for lack in lacks]
