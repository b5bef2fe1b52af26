"""The application until its first paint, opened as its command does. Prints what it had used by then."""

from __future__ import annotations

import json
import os
import signal
import sys

from aiproxy_desktop import cli
from tests.benchmarks.used import used

SDKS = ("openai", "google.genai", "anthropic")


def _report() -> None:
    figures = used() | {"sdks": [name for name in SDKS if name in sys.modules]}
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGTERM)


def _run() -> int:
    # The command line's module is the front door, so its cost counts; only then is the window's imported.
    assert cli.main is not None
    from aiproxy_desktop.app import run
    from aiproxy_desktop.options import AppOptions

    return run(AppOptions(), on_first_paint=_report)


if __name__ == "__main__":
    sys.exit(_run())
