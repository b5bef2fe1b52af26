"""Run one example in a process of its own: `python -m tests.seed.run FILE [SOCKET]`.

What an example takes over from those before it is there already: a client, an image provider, some bytes.
With the number of an open socket that listens, the FastAPI application that the example makes is served on it
until standard input ends.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from aiproxy_desktop import core

# A picture of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def namespace() -> dict[str, Any]:
    """The names that examples share."""
    provider = core.OpenAIImageProvider(api_key="your-openai-api-key")
    names = {name: getattr(core, name) for name in core.__all__ if name[0].isupper()}
    return {
        "__name__": "__main__",
        "client": core.CompletionClient(),
        "provider": provider,
        "original_image_bytes": PNG,
        "mask_bytes": PNG,
        "audio_data": b"\x00\x00" * 160,
        **names,
    }


def run(file: Path) -> dict[str, Any]:
    """The names an example leaves behind; an `await` outside of any function is allowed."""
    code = compile(file.read_text(), str(file), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names = namespace()
    if code.co_flags & inspect.CO_COROUTINE:

        async def main() -> None:
            await eval(code, names)  # running it is what this is for

        asyncio.run(main())
    else:
        exec(code, names)  # running it is what this is for
    return names


def serve(app: Any, number: int) -> None:
    """Serve until standard input ends."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))

    def wait() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=wait, daemon=True).start()
    server.run(sockets=[socket.socket(fileno=number)])


if __name__ == "__main__":
    left = run(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        serve(left["app"], int(sys.argv[2]))
