"""Do one step, or several in the order given."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

from shipping.errors import ShippingError

# Each step's name is its module's, which has a function `make`; here with the package it lies in.
STEPS = {
    **dict.fromkeys(("icons", "windows", "macos"), "shipping"),
    "freeze": "shipping.freezing",
    **dict.fromkeys(("licences", "third_party", "sbom"), "shipping.licensing"),
    **dict.fromkeys(("deb", "tarball", "appimage", "flatpak"), "shipping.linux"),
    **dict.fromkeys(("wheel", "checksums"), "shipping.releasing"),
}


def main(steps: list[str]) -> int:
    """Do them; the exit code: 1 where one cannot go on, 2 where a name is no step's and nothing was done."""
    unknown = [step for step in steps if step not in STEPS]
    if unknown or not steps:
        sys.stderr.write(f"usage: python -m shipping {{{','.join(STEPS)}}}...\n")
        return 2
    for step in steps:
        try:
            import_module(f"{STEPS[step]}.{step}").make()
        except ShippingError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"The step {step} failed: {error.cmd[0]} ended with {error.returncode}.\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
