"""The list of what is in the packages, for machines: CycloneDX, the same for two builds of one commit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Listed
from cyclonedx.model.component import ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from packageurl import PackageURL

from shipping.errors import ShippingError
from shipping.layout import FROZEN, OUT, VERSION, epoch, project
from shipping.licensing import inventory
from shipping.licensing.components import Component
from shipping.releasing.checksums import digest

FILE = OUT / f"{project.COMMAND}-{VERSION}.cdx.json"
_TYPES = {
    "package": ComponentType.LIBRARY,
    "library": ComponentType.LIBRARY,
    "part": ComponentType.LIBRARY,
    "runtime": ComponentType.PLATFORM,
    "model": ComponentType.MACHINE_LEARNING_MODEL,
    "font": ComponentType.DATA,
    "data": ComponentType.DATA,
}
# Files that are worth a hash of their own; modules in Python are inside the executable.
_TRACED = (".so", ".dll", ".pyd", ".dylib", ".gguf", ".ttf", ".otf", ".woff2")


class InvalidListError(ShippingError):
    """The list does not keep to its schema."""


def make() -> None:
    """Leave it in `dist/`.

    Raises:
        UnknownComponentError: something in the tree has no known origin or no licence that may be shipped.
        InvalidListError: what would be written is no valid CycloneDX.
    """
    OUT.mkdir(exist_ok=True)
    written = text(inventory.read(), FROZEN)
    check(written)
    FILE.write_text(written, encoding="utf-8", newline="\n")


def check(written: str) -> None:
    """Hold a list against the schema of CycloneDX 1.6.

    Raises:
        InvalidListError: it does not keep to it.
    """
    wrong = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6).validate_str(written)
    if wrong is not None:
        raise InvalidListError(f"The list of components is no valid CycloneDX: {wrong.data}")


def text(components: Iterable[Component], tree: Path) -> str:
    """The list in CycloneDX 1.6, of components whose files lie in `tree`."""
    bom = Bom()
    repository = ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(project.REPOSITORY))
    bom.metadata.timestamp = datetime.fromtimestamp(epoch(), UTC)
    application = Listed(
        type=ComponentType.APPLICATION,
        name=project.COMMAND,
        version=VERSION,
        description=project.SUMMARY,
        bom_ref=project.COMMAND,
        purl=PackageURL("generic", None, project.COMMAND, VERSION),
        licenses=[LicenseFactory().make_with_id("MIT")],
        external_references=[repository],
        supplier=OrganizationalEntity(name=project.NAME),
    )
    bom.metadata.component = application
    carriers: dict[str, Listed] = {}
    top: list[Listed] = []
    below: dict[str, list[Listed]] = {}
    for component in components:
        listed = _listed(component, tree)
        bom.components.add(listed)
        if component.within:
            below.setdefault(component.within, []).append(listed)
        else:
            carriers[component.name] = listed
            top.append(listed)
    bom.register_dependency(application, top)
    for name, parts in below.items():
        bom.register_dependency(carriers[name], parts)
    identity = hashlib.sha256(repr(sorted(_identities(bom))).encode()).hexdigest()
    bom.serial_number = uuid5(NAMESPACE_URL, f"{project.REPOSITORY}/{VERSION}/{identity}")
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _identities(bom: Bom) -> Iterator[tuple[str, str, str, str]]:
    for component in bom.components:
        hashes = ",".join(sorted(known.content for file in component.components for known in file.hashes))
        yield (str(component.bom_ref.value), component.name, component.version or "", hashes)


def _listed(component: Component, tree: Path) -> Listed:
    url = component.url
    reference = ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(url)) if url else None
    return Listed(
        type=_TYPES[component.kind],
        name=component.name,
        version=component.version or None,
        bom_ref="/".join(filter(None, (component.within, f"{component.name}@{component.version}"))),
        purl=PackageURL.from_string(component.purl) if component.purl else None,
        description=component.note or None,
        copyright="\n".join(component.copyright) or None,
        licenses=[LicenseFactory().make_from_string(component.licence)],
        external_references=[reference] if reference else [],
        components=list(_files(component, tree)),
    )


def _files(component: Component, tree: Path) -> Iterator[Listed]:
    for file in component.files:
        suffixes = PurePosixPath(file).suffixes
        if not any(suffix in _TRACED for suffix in suffixes):
            continue
        yield Listed(
            type=ComponentType.FILE,
            name=file,
            bom_ref=f"file:{file}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest(tree / file))],
        )
