"""What a Python package says of itself: version, licence, address, the texts in its own files."""

from __future__ import annotations

import re
from importlib.metadata import Distribution
from pathlib import Path

from shipping.licensing import known
from shipping.licensing.components import Component, Text
from shipping.licensing.origins import normal

__all__ = ["component", "declared", "homepage", "normal", "texts"]

# Words of the trove's classifiers and of the old field "License", in SPDX's.
_OLD_WORDS = {
    "mit": "MIT",
    "mit license": "MIT",
    "mit licence": "MIT",
    "apache 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "mpl-2.0": "MPL-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psf-2.0": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "isc license (iscl)": "ISC",
    "lgpl-3.0-only or gpl-2.0-only or gpl-3.0-only": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
}
_TEXTS = re.compile(r"^(licen[cs]e|copying|notice)", re.IGNORECASE)
_HOMEPAGES = ("homepage", "home", "documentation", "source", "repository", "source code", "code", "github")


def component(package: Distribution, files: tuple[str, ...]) -> Component:
    """The component that a package is; its licence is "" where nothing tells."""
    name = normal(package.name)
    facts = known.packages().get(name, known.Facts())
    return Component(
        facts.name or package.name,
        package.version,
        facts.licence or declared(package),
        facts.kind or "package",
        url=facts.url or homepage(package),
        purl=f"pkg:pypi/{name}@{package.version}",
        note=facts.note,
        group=facts.group,
        copyright=facts.copyright,
        texts=texts(package),
        files=files,
    )


def declared(package: Distribution) -> str:
    """The SPDX expression of a package's metadata, from the newest field that says it clearly."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [
        line.rsplit(" :: ", 1)[1].lower()
        for line in metadata.get_all("Classifier") or ()
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    written = metadata["License"].strip().lower() if "License" in metadata else ""
    for words in (written, *classifiers):
        if words in _OLD_WORDS:
            return _OLD_WORDS[words]
    return ""


def homepage(package: Distribution) -> str:
    """Where a package lives."""
    addresses: dict[str, str] = {}
    metadata = package.metadata
    for line in metadata.get_all("Project-URL") or ():
        label, _, address = str(line).partition(",")
        addresses[label.strip().lower()] = address.strip()
    for label in _HOMEPAGES:
        if label in addresses:
            return addresses[label].rstrip("/")
    if "Home-page" in metadata:
        return metadata["Home-page"].rstrip("/")
    return next(iter(addresses.values()), "").rstrip("/")


def texts(package: Distribution) -> tuple[Text, ...]:
    """The licence files among a package's metadata (PEP 639), in the order of their names."""
    found = []
    for file in package.files or ():
        parts = file.parts
        inside = parts[0].endswith(".dist-info")
        if not inside or not (_TEXTS.match(parts[-1]) or "licenses" in parts[1:-1]):
            continue
        if _TEXTS.match(parts[-1]):
            below = parts[1:] if parts[1] != "licenses" else parts[2:]
            found.append(Text("/".join(below), Path(str(file.locate()))))
    return tuple(sorted(found, key=lambda text: (text.name.count("/"), text.name)))
