"""Chat completions as llama.cpp's server takes them. Imported with the first request to a built-in model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.providers.builtin.local_models import LocalModel
from aiproxy_desktop.core.providers.builtin.requests import LABEL, PROVIDER_ID
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider

# Models this small repeat themselves without end at the usual settings; larger ones need no such help.
_SMALL_BYTES = 500_000_000
_SMALL_SAMPLING = {"temperature": 0.2, "top_p": 0.9, "repeat_penalty": 1.1, "repeat_last_n": 256}
_SAMPLING = {"temperature": 0.7, "top_p": 0.95}


class LlamaCodec(OpenAICompatibleProvider):
    """OpenAI's dialect, with sampling that suits the size of the model."""

    def __init__(self, base_url: str, key: str, http: HttpClient, model: LocalModel) -> None:
        keys = StaticCredentials({PROVIDER_ID: key})
        super().__init__(PROVIDER_ID, LABEL, base_url, http, keys, local=True)
        self._sampling = _SMALL_SAMPLING if model.size_bytes < _SMALL_BYTES else _SAMPLING

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire."""
        call = await super().completion_call(request)
        # One request in four sent over a connection that had carried a stream before found it closed.
        return replace(call, headers={**call.headers, "connection": "close"})

    def completion_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The JSON body."""
        return {**self._sampling, **super().completion_body(request)}
