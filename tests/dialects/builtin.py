"""The built-in model as a row of the parity matrix: a child process whose port leads to the byte server."""

from __future__ import annotations

import sys
from dataclasses import replace

from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider, LocalModel
from tests.dialects.openai import OPENAI

# The part of the child's protocol that says where it listens; then it waits for its parent's end.
_STAND_IN = """
import json, sys
order = json.loads(sys.stdin.readline())
print(order["mark"] + json.dumps({{"port": {port}}}), flush=True)
sys.stdin.read()
"""


def stand_in(url: str) -> tuple[str, ...]:
    """How to start a child process that says it listens where a byte server does."""
    return (sys.executable, "-I", "-S", "-c", _STAND_IN.format(port=url.rpartition(":")[2]))


def _build(http: HttpClient, url: str, _key: str | None) -> Provider:
    model = LocalModel("m", "M", "/nowhere/m.gguf", 1_000_000, 8192, takes_tools=True)
    return BuiltinProvider(http, [model], stand_in(url))


BUILTIN = replace(OPENAI, name="builtin", key_header=None, build=_build)
