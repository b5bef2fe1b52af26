"""What `import aiproxy_desktop.core` costs over Python itself."""

from __future__ import annotations

import json

from tests.benchmarks.harness import Figure, alternate, run_python

UNWANTED = ("openai", "google.genai", "anthropic", "httpx", "aiohttp", "PySide6", "numpy")
GOAL_MS = 60


def _cpu(program: str) -> float:
    return run_python(["-c", program]).cpu


def measure() -> list[Figure]:
    """CPU milliseconds over a bare interpreter, and which heavy modules came along."""
    bare, package, client = alternate(
        15,
        lambda: _cpu("pass"),
        lambda: _cpu("import aiproxy_desktop.core"),
        lambda: _cpu("from aiproxy_desktop.core import CompletionClient"),
    )
    program = "import sys, json, aiproxy_desktop.core; print(json.dumps(list(sys.modules)))"
    modules = set(json.loads(run_python(["-c", program]).output))
    loaded = [name for name in UNWANTED if name in modules]
    cost = (package - bare) * 1000
    with_client = (client - bare) * 1000
    return [
        Figure(
            "import aiproxy_desktop.core, CPU over bare Python",
            f"{cost:.0f} ms ({package / bare:.1f} x; with CompletionClient {with_client:.0f} ms)",
            f"at most {GOAL_MS} ms",
            cost <= GOAL_MS,
        ),
        Figure(
            f"loaded by it, of {', '.join(UNWANTED)}",
            ", ".join(loaded) or "none",
            "none",
            not loaded,
        ),
    ]
