"""The seed's server over ai-proxy-core: `peer_server.py URL PORT`, with its services at URL.

The route is the one of the seed's documentation ("Integration with FastAPI"), word for word but for types.
Runs in .venv-peer, which holds nothing of this project.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import Any


def build() -> Any:
    """The application."""
    fastapi = importlib.import_module("fastapi")
    pydantic = importlib.import_module("pydantic")
    client = importlib.import_module("ai_proxy_core").CompletionClient()
    app = fastapi.FastAPI()
    fields = {"messages": (list, ...), "model": (str, "gemini-1.5-flash"), "temperature": (float, 0.7)}
    body = pydantic.create_model("CompletionRequest", **fields)

    async def create_completion(request: Any) -> Any:
        try:
            return await client.create_completion(
                messages=request.messages, model=request.model, temperature=request.temperature
            )
        except Exception as error:
            raise fastapi.HTTPException(status_code=500, detail=str(error)) from error

    create_completion.__annotations__["request"] = body
    app.post("/api/chat/completions")(create_completion)
    return app


if __name__ == "__main__":
    url, port = sys.argv[1:]
    os.environ |= {"OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": f"{url}/v1", "OLLAMA_HOST": url}
    logging.disable(logging.CRITICAL)
    importlib.import_module("uvicorn").run(
        build(), host="127.0.0.1", port=int(port), http="httptools", access_log=False, log_level="critical"
    )
