"""Let a model call functions of yours, as often as it likes, until it answers.

Needs a model that calls tools; the calls look the same on every provider.

    python examples/call_tools.py gpt-5.5 "Is it warmer in Oslo or in Rome?"      # OPENAI_API_KEY
"""

import asyncio
import json
import sys
from typing import Any

from aiproxy_desktop.core import AIProxyError, CompletionClient

ROUNDS = 5  # a model that goes round in circles must end somewhere

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city now.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
]


def get_weather(city: str) -> dict[str, Any]:
    """Ask a service of your choice here."""
    return {"city": city, "degrees": len(city) * 3, "sky": "clear"}


def result_of(call: dict[str, Any]) -> dict[str, Any]:
    """Run one call. What went wrong is for the model to hear, so that it can mend it."""
    try:
        # A model wrote these arguments: treat them as you would a stranger's.
        value: Any = get_weather(**json.loads(call["function"]["arguments"]))
        failed = False
    except (TypeError, ValueError) as error:
        value, failed = {"error": str(error)}, True
    return {
        "role": "tool",
        "tool_call_id": call["id"],
        "content": json.dumps(value),
        "is_error": failed,
    }


async def main(model: str, question: str = "What is the weather in Paris?") -> None:
    """Ask, run what is called, send the results back, until there is an answer."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    async with CompletionClient() as client:
        for _ in range(ROUNDS):
            answer = await client.create_completion(messages, model, tools=TOOLS)
            message = answer["choices"][0]["message"]
            messages.append(message)  # as it came: it holds what the provider wants back
            calls = message.get("tool_calls", [])
            if not calls:
                print(message["content"])
                return
            for call in calls:
                print(f"{call['function']['name']}({call['function']['arguments']})")
                messages.append(result_of(call))
    sys.exit(f"No answer within {ROUNDS} rounds.")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        asyncio.run(main(*sys.argv[1:3]))
    except AIProxyError as error:
        sys.exit(str(error))
