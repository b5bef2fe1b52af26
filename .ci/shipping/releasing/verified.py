"""Whether `dist` is what a release should give people, whole and as it was built."""

from __future__ import annotations

import platform
from pathlib import Path

from shipping.errors import ShippingError
from shipping.layout import architecture, project
from shipping.releasing import checksums, wheel
from shipping.releasing.versions import Version


def expected(version: Version) -> list[str]:
    """Names of what every release has. There may be more, where its tools are: AppImage, Flatpak."""
    command = project.COMMAND
    return [
        *(f"{name}_{version}_{architecture()}.deb" for name in (command, f"{command}-slim")),
        f"{command}-{version}-linux-{platform.machine()}.tar.gz",
        f"{command}-{version}.cdx.json",
        wheel.wheel_name(str(version)),
        wheel.source_name(str(version)),
    ]


def verified(folder: Path, version: Version) -> list[Path]:
    """The files of a folder that SHA256SUMS lists, and itself.

    Raises:
        ShippingError: something is missing, of another version, or not as it was built.
    """
    sums = folder / checksums.NAME
    if not sums.is_file():
        raise ShippingError(f"{folder.name} holds no {checksums.NAME}: make release leaves it there.")
    listed = sums.read_text("utf-8").splitlines()
    wrong = sorted({line[66:] for line in set(listed) ^ set(checksums.lines(folder))})
    if wrong:
        raise ShippingError(f"{', '.join(wrong)} in {folder.name} is not as it was built: release again.")
    names = [line[66:] for line in listed]
    missing = [name for name in expected(version) if name not in names]
    if missing:
        raise ShippingError(f"{folder.name} lacks {', '.join(missing)}: release again.")
    return [*(folder / name for name in names), sums]
