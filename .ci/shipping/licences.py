"""The licences of everything shipped, put into the frozen tree.

licences/components.json   a list for About: `name`, `version`, `licence` (SPDX), `text` (a file beside it)
licences/NOTICES.txt       the same for people
licences/QT.txt            how the libraries under the LGPL are exchanged, and where their source is
licences/texts/            for each component whose it is, and the words of its licence
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from shipping import inventory, licence_texts, macos, policy, qt_notice
from shipping.components import Component
from shipping.crates import PURL
from shipping.layout import FROZEN, VERSION, project
from shipping.licence_texts import slug

FOLDER = FROZEN / "_internal" / "licences"


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
    entries = tuple(_entries(components, used, folder, notice))
    rows = [_row(entry) for entry in entries]
    (folder / "components.json").write_text(
        json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (folder / "NOTICES.txt").write_text(notices(entries), encoding="utf-8", newline="\n")
    return entries


def _entries(
    components: tuple[Component, ...], used: dict[Component, tuple[str, ...]], folder: Path, notice: str
) -> Iterator[Entry]:
    # Sorted so that what is carried follows its carrier.
    for within, group in groupby(components, key=lambda component: component.within):
        members = tuple(group)
        if not within:
            for component in members:
                text = f"texts/{slug(component.name)}.txt"
                content = licence_texts.own(component, used[component])
                if component.name.startswith(qt_notice.QT):
                    content = f"{notice}\n\n{content}"
                (folder / text).write_text(content, encoding="utf-8", newline="\n")
                yield _entry(component, used[component], text)
            continue
        for crates in (False, True):
            carried = [part for part in members if part.purl.startswith(PURL) == crates]
            if not carried:
                continue
            title = f"{'Crates' if crates else 'Parts'} in {within}"
            text = f"texts/{slug(within)}-{'crates' if crates else 'parts'}.txt"
            content = licence_texts.together(title, [(part, used[part]) for part in carried])
            # The carrier's own file holds the words of those that it speaks for.
            if any(part.texts for part in carried):
                content += f"\n\n{(folder / 'texts' / f'{slug(within)}.txt').read_text(encoding='utf-8')}"
            (folder / text).write_text(content, encoding="utf-8", newline="\n")
            if crates:
                licences = tuple(dict.fromkeys(licence for part in carried for licence in used[part]))
                yield Entry(title, f"{len(carried)}", " AND ".join(sorted(licences)), licences, text)
            else:
                yield from (_entry(part, used[part], text) for part in carried)


def _entry(component: Component, used: tuple[str, ...], text: str) -> Entry:
    name = f"{component.name}, in {component.within}" if component.within else component.name
    return Entry(name, component.version, component.licence, used, text, component.url, component.note)


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


def notices(entries: Iterable[Entry]) -> str:
    """For people: each component, its licence, and the file with whose it is and the licence's words."""
    lines = [
        f"{project.NAME} {VERSION} is made with the work of many others.",
        "",
        "Each component stands here with its licence and the file beside this one that says whose it is and",
        "what its licence allows. Where a component offers several licences, the one it is passed on under",
        "follows an arrow. QT.txt says how the libraries under the LGPL can be exchanged.",
        "",
    ]
    for entry in entries:
        used = " AND ".join(entry.used)
        choice = "" if used == entry.licence else f" -> {used}"
        lines.append(f"{' '.join(filter(None, (entry.name, entry.version)))}: {entry.licence}{choice}")
        lines.append(f"    {entry.text}")
    return "\n".join(lines) + "\n"
