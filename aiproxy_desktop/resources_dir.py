"""Where the files that ship with the application lie: icons, design tokens, data tables."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
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


def licences_dir() -> Path | None:
    """The folder of the licence texts and of `components.json` in an installer; None in a checkout."""
    folder = Path(__file__).resolve().parent.parent / "licences"
    return folder if (folder / "components.json").is_file() else None


def font_file(package: str, name: str) -> Path | None:
    """A file of a font, which comes as a package or, in an installer, among the resources; None: nowhere."""
    # Only the place of the package is asked for: running it would import its font catalogue.
    spec = find_spec(package)
    folders = [Path(place) / "files" for place in (spec.submodule_search_locations or ())] if spec else []
    for folder in (*folders, resources_dir() / "fonts"):
        if (folder / name).is_file():
            return folder / name
    return None
