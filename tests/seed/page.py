"""Run one block of examples/INTEGRATION.md: `python -m tests.seed.page FILE`.

What the page says is at hand is at hand, and nothing else: `client`, and `await` outside of any function.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import sys
from pathlib import Path

from aiproxy_desktop.core import CompletionClient


def run(file: Path) -> None:
    """A block that brings a loop of its own gets none."""
    code = compile(file.read_text(encoding="utf-8"), str(file), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if not code.co_flags & inspect.CO_COROUTINE:
        exec(code, {"__name__": "__main__"})  # running it is what this is for
        return

    async def main() -> None:
        async with CompletionClient() as client:
            await eval(code, {"__name__": "__main__", "client": client})  # running it is what this is for

    asyncio.run(main())


if __name__ == "__main__":
    run(Path(sys.argv[1]))
