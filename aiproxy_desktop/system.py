"""What differs between Linux, Windows and macOS. Nothing else asks which system it is on."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def display_missing(environ: Mapping[str, str]) -> bool:
    """Whether no window can be shown here: on Linux, no display server was named."""
    if not sys.platform.startswith("linux"):
        return False
    if environ.get("QT_QPA_PLATFORM", "").split(":")[0] in {"offscreen", "minimal", "vnc", "linuxfb"}:
        return False
    return not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def leave_at_once(code: int) -> None:
    """End the process without running anything else; for the moment when Qt itself cannot go on."""
    sys.stderr.flush()
    os._exit(code)
