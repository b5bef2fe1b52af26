"""The licences of everything shipped, put into the frozen tree: texts, a notice for people, a list for About.

    licences/components.json   every component: name, version, licence, the texts that belong to it
    licences/NOTICES.txt       the same for people, with whose work each is
    licences/QT.txt            how the libraries under the LGPL are exchanged, and where their source is
    licences/texts/            the texts
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shipping import inventory, policy
from shipping.components import Component, UnknownComponentError
from shipping.layout import FROZEN, VERSION, project

FORMAT = 1
FOLDER = FROZEN / "_internal" / "licences"
# Licences as such, for components whose own files hold no copy.
_KNOWN_TEXTS = Path(__file__).parent / "texts"
# Which of those a licence needs. Those that are named by others under two names have one file.
_TEXTS_OF = {
    "LGPL-3.0-only": ("LGPL-3.0", "GPL-3.0"),
    "LGPL-3.0-or-later": ("LGPL-3.0", "GPL-3.0"),
    "LGPL-2.1-only": ("LGPL-2.1",),
    "LGPL-2.1-or-later": ("LGPL-2.1",),
    "LGPL-2.0-or-later": ("LGPL-2.1",),
    "GPL-3.0-or-later WITH GCC-exception-3.1": ("GPL-3.0", "GCC-exception-3.1"),
    "GPL-2.0-or-later WITH Bootloader-exception": ("GPL-2.0",),
    "Apache-2.0 WITH LLVM-exception": ("Apache-2.0", "LLVM-exception"),
}
# Nothing to copy: the notice says all there is.
_WITHOUT_TEXT = {"LicenseRef-public-domain", "LicenseRef-ICC", "LicenseRef-Microsoft-runtime", "LPPL-1.3c", "blessing"}
# Texts that a package's own file often only names.
_ALWAYS = ("LGPL-", "GPL-", "MPL-")


@dataclass(frozen=True, slots=True)
class Entry:
    """A component with the licences it is passed on under, and its texts by their paths below `licences`."""

    component: Component
    used: tuple[str, ...]
    texts: tuple[str, ...]


def make() -> None:
    """Put the licences of everything in the frozen tree into it.

    Raises:
        UnknownComponentError: something in the tree has no known origin or no licence that may be shipped.
    """
    write(inventory.read(), FOLDER)


def write(components: Iterable[Component], folder: Path) -> tuple[Entry, ...]:
    """Write all of it into a folder, in place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    texts = folder / "texts"
    texts.mkdir(parents=True)
    entries = tuple(_entry(component, texts) for component in components)
    (folder / "components.json").write_text(
        json.dumps(as_json(entries), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (folder / "NOTICES.txt").write_text(notices(entries), encoding="utf-8")
    shutil.copyfile(_KNOWN_TEXTS / "QT.txt", folder / "QT.txt")
    return entries


def _entry(component: Component, folder: Path) -> Entry:
    used = policy.used(component.name, component.licence)
    names = []
    if component.texts:
        # Parts whose text their carrier's file holds share that file.
        name = f"{_slug(component.within or component.name)}.txt"
        content = "\n\n".join(
            (f"{text.name}\n{'-' * len(text.name)}\n\n" if len(component.texts) > 1 else "") + text.read()
            for text in component.texts
        )
        (folder / name).write_text(content, encoding="utf-8")
        names.append(f"texts/{name}")
    for licence in used:
        if component.texts and not licence.startswith(_ALWAYS):
            continue
        names += [f"texts/{_common(component, licence, text, folder)}" for text in _texts_of(licence)]
    return Entry(component, used, tuple(dict.fromkeys(names)))


def _texts_of(licence: str) -> tuple[str, ...]:
    if licence in _WITHOUT_TEXT:
        return ()
    return _TEXTS_OF.get(licence, (licence,))


def _common(component: Component, licence: str, text: str, folder: Path) -> str:
    source = _KNOWN_TEXTS / f"{text}.txt"
    if not source.is_file():
        raise UnknownComponentError(
            f"{component.name} has no text of {licence} in its files, and texts/ has none of it: put {text}.txt there."
        )
    name = f"licence-{text}.txt"
    shutil.copyfile(source, folder / name)
    return name


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")


def as_json(entries: Iterable[Entry]) -> dict[str, object]:
    """What About reads: `components`, each with its texts; a part names its carrier in `within`."""
    rows = []
    for entry in entries:
        component = entry.component
        row = {
            "name": component.name,
            "version": component.version,
            "licence": component.licence,
            "used_under": " AND ".join(entry.used),
            "kind": component.kind,
            "within": component.within,
            "url": component.url,
            "note": component.note,
            "copyright": list(component.copyright),
            "texts": list(entry.texts),
            "exchangeable": policy.exchangeable(entry.used),
        }
        rows.append({key: value for key, value in row.items() if value})
    return {"format": FORMAT, "application": {"name": project.NAME, "version": VERSION}, "components": rows}


def notices(entries: Iterable[Entry]) -> str:
    """For people: whose work each component is, under which licence, and where its text stands."""
    lines = [
        f"{project.NAME} {VERSION} is made with the work of many others.",
        "",
        "Each component stands here with its licence and the files beside this one that hold its text.",
        "Where a component offers several licences, the one it is passed on under stands behind an arrow.",
        "",
    ]
    for entry in entries:
        component = entry.component
        used = " AND ".join(entry.used)
        choice = "" if used == component.licence else f" -> {used}"
        indent = "    " if component.within else ""
        lines.append(f"{indent}{' '.join(filter(None, (component.name, component.version)))}: {component.licence}{choice}")
        lines += [f"{indent}    {line}" for line in component.copyright]
        if component.words:
            lines.append(f"{indent}    {component.words}")
        if component.url:
            lines.append(f"{indent}    {component.url}")
        if entry.texts:
            lines.append(f"{indent}    {', '.join(entry.texts)}")
        lines.append("")
    return "\n".join(lines)
