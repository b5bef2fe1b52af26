"""Both live services until the process is told to end: `python -m tests.live_servers --port 8123 --echo`.

Prints a line for each, `openai http://127.0.0.1:8123/v1` and `gemini http://127.0.0.1:8124`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack

from tests.live_servers import Behaviour, GeminiLive, OpenAIRealtime
from tests.live_servers.behaviour import DEFAULT_ANSWER


async def serve(port: int, behaviour: Behaviour) -> None:
    """Serve for ever; port 0 takes free ones."""
    async with AsyncExitStack() as stack:
        openai = await stack.enter_async_context(OpenAIRealtime(behaviour, port=port))
        gemini = await stack.enter_async_context(GeminiLive(behaviour, port=port + 1 if port else 0))
        sys.stdout.write(f"openai {openai.url}/v1\ngemini {gemini.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.live_servers")
    parser.add_argument("--port", type=int, default=0, help="of OpenAI's; Gemini's has the next one")
    parser.add_argument("--echo", action="store_true", help="answer with the speech that was heard")
    parser.add_argument("--pace", type=float, default=0.0, help="times as fast as it plays; 0: at once")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--jitter", type=float, default=0.0, help="milliseconds that a piece may be late")
    parser.add_argument("--length", type=float, default=2.0, help="seconds of an answer that is no echo")
    parser.add_argument("--answer", default=DEFAULT_ANSWER)
    parser.add_argument("--go-away-every", type=int, default=0, metavar="TURNS")
    parser.add_argument("--fault", default="", help="see Behaviour")
    given = parser.parse_args()
    behaviour = Behaviour(
        given.answer,
        echo=given.echo,
        pace=given.pace,
        delay=given.delay,
        jitter=given.jitter / 1000,
        length=given.length,
        go_away_every=given.go_away_every,
        fault=given.fault,
    )
    try:
        asyncio.run(serve(given.port, behaviour))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
