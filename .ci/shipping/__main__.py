"""Do one step, or several in the order given."""

from __future__ import annotations

import sys
from importlib import import_module

from shipping.errors import ShippingError

# Each is a module here with a function `make`.
STEPS = (
    *("freeze", "icons", "licences", "third_party", "sbom", "deb", "tarball", "wheel"),
    *("appimage", "flatpak", "windows", "macos", "checksums"),
)


def main(steps: list[str]) -> int:
    """Do them; 1 where one cannot go on, 2 for a name that is no step."""
    unknown = [step for step in steps if step not in STEPS]
    if unknown or not steps:
        sys.stderr.write(f"usage: python -m shipping {{{','.join(STEPS)}}}...\n")
        return 2
    for step in steps:
        try:
            import_module(f"shipping.{step}").make()
        except ShippingError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


sys.exit(main(sys.argv[1:]))
