"""Where the files that ship with the application lie: icons, design tokens, data tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def resources_dir() -> Path:
    """The folder of resources: inside the package when installed, at the top of a checkout.

    Raises:
        FileNotFoundError: neither place has it, so the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "resources", package.parent / "resources"):
        if (folder / "tokens.json").is_file():
            return folder
    raise FileNotFoundError(f"The resources folder is missing beside {package}")
