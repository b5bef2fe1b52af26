"""Get an answer although a provider is busy, down, or has no credit left: retries, then other models.

Needs two models. The first is asked first; the others only when it cannot answer, in their order.

    python examples/fall_back.py gpt-5.5 claude-sonnet-5-5 builtin
"""

import asyncio
import sys

from aiproxy_desktop.core import AIProxyError, CompletionClient, RetryPolicy, Timeouts

# Asked at most three times each, before anything of an answer came; a wait that the provider names is kept.
RETRIES = RetryPolicy(attempts=3, first_wait=0.2, longest_wait=10.0, budget=30.0)

# Seconds: to connect, until the first token, of silence between two, and for all of it.
TIMEOUTS = Timeouts(connect=5.0, first_token=30.0, idle=60.0, total=300.0)


async def main(model: str, *others: str) -> None:
    """Ask, and tell who answered and why."""
    async with CompletionClient(retries=RETRIES, timeouts=TIMEOUTS, fallbacks=others) as client:
        answer = await client.create_completion([{"role": "user", "content": "Say hello."}], model)
    print(answer["choices"][0]["message"]["content"])
    print(f"({answer['provider']}:{answer['model']})")
    for note in answer["notes"]:
        print(f"({note['parameter']}: {note['sentence']})")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        asyncio.run(main(*sys.argv[1:]))
    except AIProxyError as error:
        # The first model's failure; `attempts` tells what became of the others.
        sys.exit(str(error))
