"""Both image services until the process is told to end: `python -m tests.image_servers --port 8123`.

Prints a line for each, `openai http://127.0.0.1:8123/v1` and `gemini http://127.0.0.1:8124`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack

from tests.image_servers import Behaviour, GeminiImages, OpenAIImages


async def serve(port: int, behaviour: Behaviour) -> None:
    """Serve for ever; port 0 takes free ones."""
    async with AsyncExitStack() as stack:
        openai = await stack.enter_async_context(OpenAIImages(behaviour, port=port))
        gemini = await stack.enter_async_context(GeminiImages(behaviour, port=port + 1 if port else 0))
        sys.stdout.write(f"openai {openai.url}/v1\ngemini {gemini.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.image_servers")
    parser.add_argument("--port", type=int, default=0, help="of OpenAI's; Gemini's has the next one")
    parser.add_argument("--fault", default="", help="see Behaviour")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each piece of an answer")
    parser.add_argument("--shift", type=int, nargs=2, default=(0, 0), metavar=("X", "Y"))
    parser.add_argument("--disturb", type=int, default=3)
    given = parser.parse_args()
    behaviour = Behaviour(
        given.fault, delay=given.delay, shift=(given.shift[0], given.shift[1]), disturb=given.disturb
    )
    try:
        asyncio.run(serve(given.port, behaviour))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
