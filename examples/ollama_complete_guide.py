"""All that can be done with Ollama: list, pull with progress, answer, stream, think, look after, and errors.

Needs Ollama, here or where OLLAMA_HOST says. The model is pulled if it is missing (some 300 MB).

    python examples/ollama_complete_guide.py
    python examples/ollama_complete_guide.py qwen3:0.6b
"""

import asyncio
import sys

from aiproxy_desktop.core import (
    AIProxyError,
    CompletionClient,
    ModelAdministrator,
    ModelNotFoundError,
    PullProgress,
    PullTotals,
    TextDelta,
    UnreachableError,
)

QUESTION = [{"role": "user", "content": "Why is the sky blue? One sentence."}]


async def list_models(client: CompletionClient) -> None:
    """What has been pulled, and what each can do."""
    print("-- Models")
    for model in await client.models("ollama"):
        able = [name for name, value in model.capabilities.as_dict().items() if value]
        print(f"{model.id}: {model.context_window or '?'} tokens, {', '.join(able)}")


async def pull(client: CompletionClient, model: str) -> None:
    """Fetch a model; leaving the loop early stops the download, and the next pull goes on from there."""
    print(f"-- Pull {model}")
    totals = PullTotals()
    async for step in client.pull(model, "ollama"):
        totals.feed(step)
        share = f"{totals.fraction:.0%}" if totals.fraction is not None else ""
        print(f"{step.status} {share}")


async def complete(client: CompletionClient, model: str) -> None:
    """A whole answer. Any field of Ollama's own request can be given, too."""
    print("-- Complete")
    answer = await client.create_completion(
        QUESTION,
        model,
        provider="ollama",  # needed only where the name alone does not say
        temperature=0.7,
        max_tokens=500,
        keep_alive="10m",  # how long the model stays in memory
        options={"seed": 7},  # `num_ctx` is set from the conversation unless it stands here
    )
    print(answer["choices"][0]["message"]["content"])


async def stream(client: CompletionClient, model: str) -> None:
    """An answer while it arrives, thought about first where the model can."""
    print("-- Stream")
    async with client.stream(QUESTION, model, "ollama", effort="low") as events:
        async for event in events:
            if isinstance(event, TextDelta):
                print(event.text, end="", flush=True)
    print()


async def answer_in_json(client: CompletionClient, model: str) -> None:
    """JSON that keeps to a schema."""
    print("-- JSON")
    schema = {
        "type": "object",
        "properties": {"reason": {"type": "string"}},
        "required": ["reason"],
    }
    answer = await client.create_completion(
        QUESTION,
        model,
        provider="ollama",
        response_format={"type": "json_schema", "json_schema": {"name": "sky", "schema": schema}},
    )
    print(answer["choices"][0]["message"]["content"])


async def look_after(client: CompletionClient, model: str) -> None:
    """What is known of a model, what is in memory, and taking it out of there."""
    print("-- Look after")
    ollama, model = await client.router.resolve(model, "ollama")
    assert isinstance(ollama, ModelAdministrator)
    details = await ollama.show(model)
    print(f"{details.info.display_name}, of the family {details.family or 'unknown'}")
    for loaded in await ollama.running():
        print(f"{loaded.id} is in memory")
    await ollama.unload(model)
    # await ollama.delete(model) takes it off the disk


async def meet_errors(client: CompletionClient) -> None:
    """A model that is not there is an error with advice; with `auto_pull` it is fetched instead."""
    print("-- Errors")
    try:
        await client.create_completion(QUESTION, "no-such-model:1b", provider="ollama")
    except ModelNotFoundError as error:
        print(error)

    def show(step: PullProgress) -> None:
        print(f"auto_pull: {step.status}")

    answer = await client.create_completion(QUESTION, "smollm2:135m", provider="ollama", auto_pull=show)
    print(answer["choices"][0]["message"]["content"])


async def main(model: str = "smollm2:135m") -> None:
    """One thing after the other."""
    async with CompletionClient() as client:
        await list_models(client)
        await pull(client, model)
        await complete(client, model)
        await stream(client, model)
        await answer_in_json(client, model)
        await look_after(client, model)
        await meet_errors(client)


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:2]))
    except UnreachableError as error:
        sys.exit(f"{error} Is Ollama running? Start it with: ollama serve")
    except AIProxyError as error:
        sys.exit(str(error))
