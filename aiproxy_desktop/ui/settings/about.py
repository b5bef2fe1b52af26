"""What the About page tells. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AboutFacts:
    """This installation: its version and where it keeps what it keeps."""

    version: str
    data_folder: Path
    log_folder: Path


@dataclass(frozen=True, slots=True)
class Component:
    """A part made by others, with its licence as its authors name it."""

    name: str
    licence: str
    distribution: str = ""

    @property
    def version(self) -> str:
        """The version installed, empty where it is not known."""
        try:
            return version(self.distribution) if self.distribution else ""
        except PackageNotFoundError:
            return ""


COMPONENTS: tuple[Component, ...] = (
    Component("Qt for Python", "LGPL-3.0", "pyside6-essentials"),
    Component("qasync", "BSD-2-Clause", "qasync"),
    Component("HTTPX", "BSD-3-Clause", "httpx"),
    Component("keyring", "MIT", "keyring"),
    Component("msgspec", "BSD-3-Clause", "msgspec"),
    Component("platformdirs", "MIT", "platformdirs"),
    Component("Pygments", "BSD-2-Clause", "pygments"),
    Component("ziamath", "MIT", "ziamath"),
    Component("pypdf", "BSD-3-Clause", "pypdf"),
    Component("llama.cpp, through xllamacpp", "MIT", "xllamacpp"),
    Component("SmolLM2 135M", "Apache-2.0"),
    Component("Inter", "OFL-1.1", "fontpkg-inter"),
    Component("JetBrains Mono", "OFL-1.1", "fontpkg-jetbrains-mono"),
    Component("STIX Two Math, in ziamath", "OFL-1.1"),
)
