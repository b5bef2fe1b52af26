"""Our routing core and ai-proxy-core, each in an interpreter of its own, on the same services."""

from __future__ import annotations

import json
import os
from typing import Any

from tests.benchmarks.harness import REPOSITORY, run_python

PEER_PYTHON = REPOSITORY / ".venv-peer" / "bin" / "python"
PEER = "ai-proxy-core 0.4.42"


def _environment() -> dict[str, str]:
    """Nothing configured, and compiled modules kept as in any installation."""
    kept = ("PATH", "HOME", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


def ours(task: str, url: str = "-", count: int = 1, at_once: int = 1) -> dict[str, Any]:
    """What `core_client.py` measured."""
    arguments = ["-m", "tests.benchmarks.core_client", task, url, str(count), str(at_once)]
    found: dict[str, Any] = json.loads(run_python(arguments, _environment()).output)
    return found


def theirs(task: str, url: str = "-", count: int = 1, at_once: int = 1) -> dict[str, Any]:
    """What `peer_client.py` measured.

    Raises:
        RuntimeError: it failed, or is not installed.
    """
    if not PEER_PYTHON.exists():
        raise RuntimeError(f"{PEER} is not installed: run .ci/setup peer")
    script = str(REPOSITORY / "tests" / "benchmarks" / "peer_client.py")
    arguments = [script, task, url, str(count), str(at_once)]
    found: dict[str, Any] = json.loads(run_python(arguments, _environment(), str(PEER_PYTHON)).output)
    return found
