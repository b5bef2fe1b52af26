"""Ready-made pieces of code and configuration for programs that are to use the local API.

Sources of the shapes: github.com/openai/openai-python and openai-node (README: `base_url`, `api_key`),
llm.datasette.io (other-models: extra-openai-models.yaml), aider.chat/docs/llms/openai-compat.html,
docs.continue.dev (reference: config.yaml), docs.openwebui.com (env-configuration: OPENAI_API_BASE_URL),
and the messages of the seed's `/api/gemini/ws`.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

# Stands for the token where that is not shown.
MASK = "•" * 8


@dataclass(frozen=True, slots=True)
class Reach:
    """What a program needs to know.

    Attributes:
        url: where the local API is, without a path.
        model: what to ask for.
        token: what to show, or what stands for it.
    """

    url: str
    model: str
    token: str = field(repr=False)

    @property
    def base(self) -> str:
        """The base URL of OpenAI's dialect."""
        return f"{self.url}/v1"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to use it.

    Attributes:
        id: for names of widgets.
        title: of the program, which is a name and so the same in every language.
        write: the text for a reach.
        names_model: whether the model asked for is in it.
    """

    id: str
    title: str
    write: Callable[[Reach], str]
    names_model: bool = True


def snippets() -> tuple[Snippet, ...]:
    """All of them, the most wanted first."""
    return (
        Snippet("python", "OpenAI SDK, Python", _python),
        Snippet("node", "OpenAI SDK, JavaScript", _node),
        Snippet("curl", "curl", _curl),
        Snippet("llm", "llm", _llm),
        Snippet("environment", "OPENAI_BASE_URL", _environment, names_model=False),
        Snippet("aider", "Aider", _aider),
        Snippet("continue", "Continue", _continue),
        Snippet("openwebui", "Open WebUI", _open_webui, names_model=False),
        Snippet("websocket", "WebSocket, Python", _websocket, names_model=False),
    )


def _python(reach: Reach) -> str:
    return f"""from openai import OpenAI

client = OpenAI(
    base_url={_quoted(reach.base)},
    api_key={_quoted(reach.token)},
)
answer = client.chat.completions.create(
    model={_quoted(reach.model)},
    messages=[{{"role": "user", "content": "Hello"}}],
)
print(answer.choices[0].message.content)"""


def _node(reach: Reach) -> str:
    return f"""import OpenAI from "openai";

const client = new OpenAI({{
  baseURL: {_quoted(reach.base)},
  apiKey: {_quoted(reach.token)},
}});
const answer = await client.chat.completions.create({{
  model: {_quoted(reach.model)},
  messages: [{{ role: "user", content: "Hello" }}],
}});
console.log(answer.choices[0].message.content);"""


def _curl(reach: Reach) -> str:
    body = {"model": reach.model, "messages": [{"role": "user", "content": "Hello"}]}
    return f"""curl {shlex.quote(f"{reach.base}/chat/completions")} \\
  -H {shlex.quote(f"Authorization: Bearer {reach.token}")} \\
  -H 'Content-Type: application/json' \\
  -d {shlex.quote(json.dumps(body, ensure_ascii=False))}"""


def _llm(reach: Reach) -> str:
    # The key goes into llm's own store, not into the file.
    return f"""cat >> "$(dirname "$(llm logs path)")/extra-openai-models.yaml" <<'END'
- model_id: desk
  model_name: {_quoted(reach.model)}
  api_base: {_quoted(reach.base)}
  api_key_name: desk
END
llm keys set desk --value {shlex.quote(reach.token)}
llm -m desk 'Hello'"""


def _environment(reach: Reach) -> str:
    return f"""export OPENAI_BASE_URL={shlex.quote(reach.base)}
export OPENAI_API_KEY={shlex.quote(reach.token)}"""


def _aider(reach: Reach) -> str:
    return f"""export OPENAI_API_BASE={shlex.quote(reach.base)}
export OPENAI_API_KEY={shlex.quote(reach.token)}
aider --model {shlex.quote(f"openai/{reach.model}")}"""


def _continue(reach: Reach) -> str:
    return f"""models:
  - name: {_quoted(reach.model)}
    provider: openai
    model: {_quoted(reach.model)}
    apiBase: {_quoted(reach.base)}
    apiKey: {_quoted(reach.token)}"""


def _open_webui(reach: Reach) -> str:
    return f"""export OPENAI_API_BASE_URL={shlex.quote(reach.base)}
export OPENAI_API_KEY={shlex.quote(reach.token)}
open-webui serve"""


def _websocket(reach: Reach) -> str:
    address = f"ws{reach.url.removeprefix('http')}/api/gemini/ws"
    return f"""import asyncio, json, websockets

async def talk():
    address = {_quoted(address)}
    protocols = ["aiproxy", {_quoted(f"bearer.{reach.token}")}]
    async with websockets.connect(address, subprotocols=protocols) as live:
        await live.send(json.dumps({{"type": "config"}}))
        await live.send(json.dumps({{"type": "text", "data": {{"text": "Hello"}}}}))
        async for message in live:
            heard = json.loads(message)
            print(heard["type"], heard.get("text", ""))
            if heard["type"] == "turn_complete":
                break

asyncio.run(talk())"""


def _quoted(text: str) -> str:
    """A string of Python, JavaScript, JSON and YAML alike."""
    return json.dumps(text, ensure_ascii=False)
