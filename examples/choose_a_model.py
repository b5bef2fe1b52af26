"""List the models at hand, let the best one be chosen, and hear why.

Needs any providers: keys in the environment, Ollama, or just the model that comes along.

    python examples/choose_a_model.py
    python examples/choose_a_model.py tools vision      # what it must be able to do
"""

import asyncio
import sys

from aiproxy_desktop.core import AIProxyError, CompletionClient


async def main(*needed: str) -> None:
    """Show, choose, explain."""
    async with CompletionClient() as client:
        for model in await client.models():
            window = f"{model.context_window:,}" if model.context_window else "unknown"
            print(f"{model.reference:40} {window:>12} tokens")
        for provider, error in client.model_manager.errors.items():  # the others were listed all the same
            print(f"{provider}: {error}")

        requirements = {
            **dict.fromkeys(needed, True),
            "min_context_limit": 4_000,
            "local_preferred": True,  # a wish; all else must be met
        }
        choice = await client.explain_selection(requirements)
        print(f"\n{choice.explanation}")
        for reference, reason in list(choice.rejected.items())[:5]:
            print(f"  not {reference}: {reason}")
        if choice.model is None:
            return
        answer = await client.create_completion(
            [{"role": "user", "content": "Say hello."}], model=choice.model.reference, max_tokens=200
        )
        print(f"\n{answer['choices'][0]['message']['content']}")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except AIProxyError as error:
        sys.exit(str(error))
