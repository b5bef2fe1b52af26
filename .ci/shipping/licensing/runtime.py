"""Python itself, and libraries of the system's that come along."""

from __future__ import annotations

import platform
import sys
import sysconfig
from pathlib import Path

from packageurl import PackageURL

from shipping.licensing import known
from shipping.licensing.components import Component, Text, UnknownComponentError
from shipping.licensing.origins import SystemPackage, system_package


def python(files: tuple[str, ...]) -> Component:
    """The interpreter and its library of modules, with the licence file that comes with every Python."""
    facts = known.packages()["python"]
    version = platform.python_version()
    places = (
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
    )
    text = next((place for place in places if place.is_file()), None)
    if text is None:
        raise UnknownComponentError(f"Python {version} lies without its LICENSE.txt: {places[0]} is missing.")
    return Component(
        facts.name,
        version,
        facts.licence,
        "runtime",
        url=facts.url,
        purl=f"pkg:generic/python@{version}",
        group=facts.group,
        copyright=facts.copyright,
        texts=(Text("LICENSE.txt", text),),
        files=files,
    )


def elsewhere(file: str) -> Component | None:
    """A library that no package of this system's owns, by its name."""
    for patterns, facts in known.elsewhere():
        if known.matches(patterns, file):
            return Component(
                facts.name,
                facts.version,
                facts.licence,
                "library",
                url=facts.url,
                group="system",
                copyright=facts.copyright,
                words=facts.words,
                files=(file,),
            )
    return None


def system_library(package: str, files: tuple[str, ...]) -> Component:
    """A shared library of a Debian package.

    Raises:
        UnknownComponentError: known/system.toml does not name it, or its copyright file is missing.
    """
    found = system_package(package)
    facts = known.system().get(package) or known.system().get(found.source)
    if facts is None:
        raise UnknownComponentError(
            f"{files[0]} is from the system's package {package} ({found.source}), whose licence nobody has "
            "looked at: leave it out, or name it in known/system.toml."
        )
    document = found.documents / "copyright"
    if not document.is_file():
        raise UnknownComponentError(f"{package} lies here without its copyright file: {document} is missing.")
    return Component(
        facts.name,
        found.version,
        facts.licence,
        "library",
        url=facts.url,
        purl=_purl(found),
        note=facts.note,
        group="system",
        texts=(Text(f"{package}.copyright", document),),
        files=files,
    )


def _purl(package: SystemPackage) -> str:
    """As scanners look a package up: by its distribution, with the packaging's own version."""
    system = platform.freedesktop_os_release()
    distribution = f"{system['ID']}-{system.get('VERSION_ID', '')}".rstrip("-")
    return PackageURL("deb", system["ID"], package.name, package.whole, {"distro": distribution}).to_string()
