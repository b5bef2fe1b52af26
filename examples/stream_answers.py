"""Read an answer while it arrives: as typed events, and as chunks in OpenAI's shape.

Needs nothing: without a model named, the one that comes along answers.

    python examples/stream_answers.py "Tell me a story." gemini-flash-latest      # GEMINI_API_KEY
"""

import asyncio
import sys

from aiproxy_desktop.core import (
    AIProxyError,
    CompletionClient,
    Finished,
    InterruptedStreamError,
    ReasoningDelta,
    Started,
    TextDelta,
    UsageReported,
)


async def as_events(client: CompletionClient, question: str, model: str | None) -> None:
    """One class for each kind of thing that can happen; leaving the block closes the connection."""
    async with client.stream([{"role": "user", "content": question}], model) as events:
        async for event in events:
            match event:
                case Started(provider, name):
                    print(f"[{provider}:{name}]")
                case ReasoningDelta():
                    print(f"\x1b[2m{event.text}\x1b[0m", end="", flush=True)  # dimmed
                case TextDelta():
                    print(event.text, end="", flush=True)
                case UsageReported(usage):
                    print(f"\n[{usage.output_tokens} tokens]", end="")
                case Finished(reason):
                    print(f"\n[{reason}]")
                case _:
                    pass  # notes, tool calls, images


async def as_chunks(client: CompletionClient, question: str, model: str | None) -> None:
    """For programs that know OpenAI's chunks already."""
    chunks = await client.create_completion([{"role": "user", "content": question}], model, stream=True)
    async for chunk in chunks:
        for choice in chunk["choices"]:  # the chunk with the usage has none
            print(choice["delta"].get("content") or "", end="", flush=True)
    print()


async def main(question: str = "Count from one to five.", model: str | None = None) -> None:
    """Ask twice."""
    async with CompletionClient() as client:
        try:
            await as_events(client, question, model)
            await as_chunks(client, question, model)
        except InterruptedStreamError as error:
            print(f"\nThe answer ends here: {error}")  # what was printed so far stays good


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:3]))
    except AIProxyError as error:
        sys.exit(str(error))
