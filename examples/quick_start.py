"""Ask a model one question.

Needs nothing: without a model named, the one that comes along answers, on this machine.

    python examples/quick_start.py "Why is the sky blue?"
    python examples/quick_start.py "Why is the sky blue?" gpt-5.5      # OPENAI_API_KEY
    python examples/quick_start.py "Why is the sky blue?" llama3.2     # Ollama
"""

import asyncio
import sys

from aiproxy_desktop.core import AIProxyError, CompletionClient


async def main(question: str = "What is the capital of France?", model: str | None = None) -> None:
    """Ask, and show the answer and what it took."""
    async with CompletionClient() as client:
        answer = await client.create_completion(
            [{"role": "user", "content": question}],
            model=model,  # the provider follows from the name
            system_instruction="Answer in one sentence.",
        )
    print(answer["choices"][0]["message"]["content"])
    counted = (answer["usage"] or {}).get("total_tokens")  # some providers count nothing
    print(f"({answer['provider']}:{answer['model']}, {counted or 'uncounted'} tokens)")
    for note in answer["notes"]:  # what this model does not take, and what became of it
        print(f"({note['sentence']})")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:3]))
    except AIProxyError as error:
        sys.exit(str(error))  # what happened, and what to do about it
