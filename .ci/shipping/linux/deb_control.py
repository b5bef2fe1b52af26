"""What a Debian package says of itself: what it needs, what it is, whose it is."""

from __future__ import annotations

import hashlib
import json
import textwrap
from dataclasses import dataclass
from pathlib import Path

from shipping import marks
from shipping.layout import FROZEN, architecture, project
from shipping.linux import desktop_files
from shipping.linux.dependencies import packages_needed


@dataclass(frozen=True, slots=True)
class Package:
    """One of the two.

    Attributes:
        name: what apt knows it by.
        synopsis: one line, as lists of packages show it.
        with_model: whether the built-in model's file comes along.
    """

    name: str
    synopsis: str
    with_model: bool


FULL = Package(project.COMMAND, "chat with AI models in one window, one of them built in", with_model=True)
SLIM = Package(f"{project.COMMAND}-slim", "chat with AI models in one window", with_model=False)

_DESCRIPTION = """\
One native window for language models: chat with branches, search and attachments, a table of every model \
with its abilities and prices, an image studio with masks, live voice, and a local API in OpenAI's dialect.

Models come from OpenAI, Gemini, Anthropic, Ollama, any compatible server, or files in the GGUF format. \
Keys stay in the system's keyring, conversations on this computer."""
_WITH_MODEL = "A small model is built in and answers at once, without an account or a network."
_WITHOUT_MODEL = (
    "This package lacks the small model that the full one has built in; any GGUF file can be added."
)

# What is read while it runs, so that no file's header tells.
_READ = ("xkb-data",)  # libxkbcommon comes along, its tables of keyboards do not
# It does without each of these, and says what is missing.
_RECOMMENDED = (
    "ca-certificates",
    "fonts-noto-color-emoji",  # else emoji are boxes
    "gnome-keyring | kwalletmanager | keepassxc",  # a Secret Service, where keys are kept
    "libpulse0",  # names of microphones and speakers
)
# What every desktop that has its use brings along; a machine without one is not given half a desktop for it.
_SUGGESTS = (
    "pipewire-alsa | libasound2-plugins",  # PortAudio reaches PipeWire and PulseAudio through ALSA
    "xdg-desktop-portal",  # the desktop's own file dialogs, and a shortcut that works in every window
)


def put(package: Package, version: str, root: Path) -> None:
    """Write the folder DEBIAN of a package that is laid out otherwise.

    Raises:
        ShippingError: a library that something needs is of no package.
    """
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    needed = sorted({*packages_needed(FROZEN), *_READ})
    # Counted as dpkg-gencontrol does: whole kilobytes for each file, and one for each of anything else.
    others = sum(1 for path in root.rglob("*") if path.is_symlink() or path.is_dir())
    size = others + sum(-(-path.stat().st_size // 1024) for path in files)
    folder = root / "DEBIAN"
    folder.mkdir()
    (folder / "control").write_text(control(package, version, needed, size), "utf-8")
    sums = "".join(f"{_md5(path)}  {path.relative_to(root)}\n" for path in files)
    (folder / "md5sums").write_text(sums, "utf-8")


def control(package: Package, version: str, needed: list[str], kilobytes: int) -> str:
    """The text of the file `control` (deb-control(5))."""
    other = SLIM if package is FULL else FULL
    provides = {} if package is FULL else {"Provides": f"{FULL.name} (= {version})"}
    fields = {
        "Package": package.name,
        "Version": version,
        "Architecture": architecture(),
        "Maintainer": project.MAINTAINER,
        "Installed-Size": str(kilobytes),
        "Depends": ", ".join(needed),
        "Recommends": ", ".join(_RECOMMENDED),
        "Suggests": ", ".join(_SUGGESTS),
        **provides,
        "Conflicts": other.name,
        "Replaces": other.name,
        "Section": "net",
        "Priority": "optional",
        "Homepage": project.REPOSITORY,
        "Description": package.synopsis + "\n" + _extended(package),
    }
    return "".join(f"{name}: {text}\n" for name, text in fields.items())


def _extended(package: Package) -> str:
    """The paragraphs of a description, as deb-control(5) wants them."""
    told = f"{_DESCRIPTION}\n\n{_WITH_MODEL if package.with_model else _WITHOUT_MODEL}"
    return "\n .\n".join(
        textwrap.fill(paragraph, 78, initial_indent=" ", subsequent_indent=" ", break_on_hyphens=False)
        for paragraph in told.split("\n\n")
    )


def rights(frozen: Path) -> str:
    """The text of the file `copyright`: ours, then parts by others, their licences, where the words are."""
    text = marks.filled(desktop_files.LINUX / "copyright")
    listed = frozen / "_internal" / "licences" / "components.json"
    place = f"/usr/lib/{project.COMMAND}/_internal/licences"
    parts = [
        f"{' '.join(filter(None, (row['name'], row.get('version'))))}\n"
        f"  Licence: {row['licence']}\n"
        f"  Text:    {place}/{row['text']}\n"
        for row in json.loads(listed.read_text("utf-8"))
    ]
    return "\n".join([text, *parts])


def _md5(path: Path) -> str:
    # What dpkg --verify compares with (deb-md5sums(5)); no guard against anyone.
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
