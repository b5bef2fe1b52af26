"""Do one step, or several in the order given."""

from __future__ import annotations

import sys
from importlib import import_module

# Each is a module here with a function `make`.
STEPS = (
    *("freeze", "icons", "licences", "sbom", "deb", "tarball", "wheel"),
    *("appimage", "flatpak", "windows", "macos", "checksums"),
)


def main(steps: list[str]) -> int:
    """Do them; 2 for a name that is no step."""
    unknown = [step for step in steps if step not in STEPS]
    if unknown or not steps:
        sys.stderr.write(f"usage: python -m shipping {{{','.join(STEPS)}}}...\n")
        return 2
    for step in steps:
        import_module(f"shipping.{step}").make()
    return 0


sys.exit(main(sys.argv[1:]))
