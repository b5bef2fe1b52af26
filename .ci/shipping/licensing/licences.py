"""The licences of everything shipped, put into the frozen tree.

- licences/components.json: a list for About: `name`, `version`, `licence` (SPDX), `text` (a file beside it)
- licences/NOTICES.txt: the same for people
- licences/LICENSE.txt: the application's own
- licences/QT.txt: how the libraries under the LGPL are exchanged, and where their source is
- licences/texts/: for each component whose it is, and the words of its licence
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from shipping import macos
from shipping.layout import FROZEN, TOP, VERSION, project
from shipping.licensing import inventory, licence_texts, policy, qt_notice
from shipping.licensing.components import Component, UnknownComponentError
from shipping.licensing.crates import PURL
from shipping.licensing.licence_texts import slug

FOLDER = FROZEN / "_internal" / "licences"
# What About shows before all are wanted.
_FIRST = (
    *("Qt and PySide6", "Python", "llama.cpp and ggml", "SmolLM2-135M-Instruct", "Inter", "JetBrains Mono"),
    *("PortAudio", "pillow", "httpx", "keyring", "fastapi", "SQLite", "msgspec", "Pygments", "ziamath"),
    "pypdf",
)
# What these two want to be said wherever a program with them is described.
_ASKED_FOR = {
    "IJG": "This software is based in part on the work of the Independent JPEG Group.",
    "FTL": (
        "Portions of this software are copyright (C) The FreeType Project (www.freetype.org).\n"
        "All rights reserved."
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list: a component, or all the crates of one, with what it is passed on under."""

    name: str
    version: str
    licence: str
    used: tuple[str, ...]
    text: str
    url: str = ""
    note: str = ""


def make() -> None:
    """Put the licences of everything in the frozen tree into it.

    Raises:
        UnknownComponentError: something in the tree has no known origin or no licence that may be shipped.
    """
    write(inventory.read(), FOLDER)
    if macos.BUNDLE.is_dir():
        _put_into_app(macos.BUNDLE / "Contents")


def _put_into_app(contents: Path) -> None:
    """As PyInstaller lays data out on a Mac: in one folder, with a link from the other, where programs look.

    What signs the application does so after this.
    """
    place, link = contents / "Resources" / FOLDER.name, contents / "Frameworks" / FOLDER.name
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(FOLDER, place)
    link.unlink(missing_ok=True)
    link.symlink_to(f"../{place.parent.name}/{place.name}")


def write(components: Iterable[Component], folder: Path) -> tuple[Entry, ...]:
    """Write all of it into a folder, in place of what was there; gives what the list holds."""
    components = tuple(components)
    used = {component: policy.used(component.name, component.licence) for component in components}
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "texts").mkdir(parents=True)
    notice = qt_notice.words(
        components, (component for component in components if policy.exchangeable(used[component]))
    )
    (folder / "QT.txt").write_text(notice, encoding="utf-8", newline="\n")
    entries = tuple(sorted(_entries(components, used, folder, notice), key=_place))
    rows = [_row(entry) for entry in entries]
    listed = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    (folder / "components.json").write_text(listed, encoding="utf-8", newline="\n")
    shutil.copyfile(TOP / "LICENSE", folder / "LICENSE.txt")
    (folder / "NOTICES.txt").write_text(notices(entries), encoding="utf-8", newline="\n")
    return entries


def _entries(
    components: tuple[Component, ...], used: dict[Component, tuple[str, ...]], folder: Path, notice: str
) -> Iterator[Entry]:
    # Sorted so that what is carried follows its carrier, whose text it may share.
    for within, group in groupby(components, key=lambda component: component.within):
        members = tuple(group)
        if within:
            crates = [part for part in members if part.purl.startswith(PURL)]
            parts = [part for part in members if part not in crates]
            yield from _carried(within, parts, used, folder)
            yield from _linked(within, crates, used, folder)
            continue
        for component in members:
            content = licence_texts.own(component, used[component])
            if component.name.startswith(qt_notice.QT):
                content = f"{notice}\n\n{content}"
            text = _kept(folder, component.name, content)
            yield _entry(component, used[component], text)


def _carried(
    within: str, parts: list[Component], used: dict[Component, tuple[str, ...]], folder: Path
) -> Iterator[Entry]:
    """Each part for itself; they share one text."""
    if parts:
        content = licence_texts.together(f"Parts in {within}", [(part, used[part]) for part in parts])
        # The carrier's own file holds the words of those that it speaks for.
        if any(part.texts for part in parts):
            content += f"\n\n{(folder / _name(within)).read_text(encoding='utf-8')}"
        text = _kept(folder, f"{within} parts", content)
        yield from (_entry(part, used[part], text) for part in parts)


def _linked(
    within: str, crates: list[Component], used: dict[Component, tuple[str, ...]], folder: Path
) -> Iterator[Entry]:
    """All crates of one component as one; there are hundreds."""
    if crates:
        title = f"Crates in {within}"
        content = licence_texts.together(title, [(crate, used[crate]) for crate in crates])
        licences = tuple(sorted({licence for crate in crates for licence in used[crate]}))
        text = _kept(folder, f"{within} crates", content)
        yield Entry(title, f"{len(crates)}", " AND ".join(licences), licences, text)


def _name(name: str) -> str:
    return f"texts/{slug(name)}.txt"


def _kept(folder: Path, name: str, content: str) -> str:
    """Write a text; gives its path below the folder."""
    file = folder / _name(name)
    if file.exists():
        raise UnknownComponentError(f"Two components are called {name}: give one another name in known/.")
    file.write_text(content, encoding="utf-8", newline="\n")
    return _name(name)


def _entry(component: Component, used: tuple[str, ...], text: str) -> Entry:
    name = f"{component.name}, in {component.within}" if component.within else component.name
    return Entry(name, component.version, component.licence, used, text, component.url, component.note)


def _place(entry: Entry) -> tuple[int, bool]:
    """Where it stands: what most is made with, then all others as they came, then what those carry."""
    name = entry.name.partition(", in ")[0]
    rank = _FIRST.index(name) if name in _FIRST else len(_FIRST)
    return rank, rank == len(_FIRST) and " in " in entry.name


def _row(entry: Entry) -> dict[str, str]:
    row = {
        "name": entry.name,
        "version": entry.version,
        "licence": entry.licence,
        "used_under": " AND ".join(entry.used),
        "text": entry.text,
        "url": entry.url,
        "note": entry.note,
    }
    return {key: value for key, value in row.items() if value}


def notices(entries: Sequence[Entry]) -> str:
    """For people: each component, its licence, and the file with whose it is and the licence's words."""
    lines = [
        f"{project.NAME} {VERSION} is under the MIT licence, which LICENSE.txt holds.",
        "It is made with the work of many others.",
        "",
        "Each component stands here with its licence and the file beside this one that says whose it is and",
        "what its licence allows. Where a component offers several licences, the one it is passed on under",
        "follows an arrow. QT.txt says how the libraries under the LGPL can be exchanged.",
        "",
    ]
    licences = {licence for entry in entries for licence in entry.used}
    asked = [words for licence, words in _ASKED_FOR.items() if licence in licences]
    lines += [*asked, ""] if asked else []
    for entry in entries:
        used = " AND ".join(entry.used)
        choice = "" if used == entry.licence else f" -> {used}"
        lines.append(f"{' '.join(filter(None, (entry.name, entry.version)))}: {entry.licence}{choice}")
        lines.append(f"    {entry.text}")
    return "\n".join(lines) + "\n"
