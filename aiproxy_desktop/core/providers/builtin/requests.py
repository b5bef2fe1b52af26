"""What the built-in models take of a request, checked and adapted before anything is started."""

from __future__ import annotations

import re
from dataclasses import replace

from aiproxy_desktop.core.errors import RequestTooLargeError, UnsupportedError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.messages import CompletionRequest, HostedMediaPart, MediaPart
from aiproxy_desktop.core.models import Capabilities
from aiproxy_desktop.core.providers.builtin.local_models import LocalModel
from aiproxy_desktop.core.providers.builtin.tools import without_tools
from aiproxy_desktop.core.providers.context_budget import text_bytes
from aiproxy_desktop.core.text_documents import with_documents_as_text

PROVIDER_ID = "builtin"
LABEL = "Built in"

# Tokens, where the person chose none. Memory for the context is taken when a model is loaded, so a large one
# is not for every machine.
MAX_CONTEXT = 8192
DEFAULT_MAX_TOKENS = 1024

# No text has tokens this long on average, so a longer prompt need not be read to be refused.
_BYTES_PER_TOKEN = 32


def context_of(model: LocalModel) -> int:
    """How many tokens fit at once: what the person chose, never more than the model was trained for."""
    wanted = model.context or MAX_CONTEXT
    return min(model.context_window or wanted, wanted)


def capabilities_of(model: LocalModel) -> Capabilities:
    """What llama.cpp makes of a GGUF file: text in, text out, held to JSON where asked."""
    return Capabilities(
        vision=False,
        audio=False,
        video=False,
        tools=model.takes_tools,
        thinking=model.thinks,
        json_mode=True,
        json_schema=True,
        streaming=True,
        sampling=True,
        web_search=False,
        images_out=False,
        audio_out=False,
    )


def readable(request: CompletionRequest, model: LocalModel) -> CompletionRequest:
    """The request with its text documents as text; refused where it holds what no model here can read.

    Raises:
        UnsupportedError: it holds media.
    """
    messages = tuple(with_documents_as_text(message) for message in request.messages)
    for message in messages:
        for part in message.parts:
            if isinstance(part, MediaPart | HostedMediaPart):
                raise UnsupportedError(
                    f"{model.display_name} reads text only",
                    f"Leave the {part.kind} out, or pick a model that can read it.",
                    part=part.kind,
                    model=f"{PROVIDER_ID}:{model.id}",
                    provider=PROVIDER_ID,
                )
    return replace(request, messages=messages)


def adapted(request: CompletionRequest, model: LocalModel) -> tuple[CompletionRequest, tuple[Noted, ...]]:
    """The request as the model's chat template takes it, with a note for what it has no place for."""
    notes: tuple[Noted, ...] = ()
    if model.takes_tools is False:
        request, notes = without_tools(request)
    if model.thinks is False and request.effort is not None:
        if request.effort != "none":
            notes = (*notes, Noted("effort", "This model does not think, so the effort was left out."))
        request = replace(request, effort=None)
    return request, notes


def bounded(request: CompletionRequest, model: LocalModel) -> CompletionRequest:
    """The request with an end to its answer; refused where no tokeniser could make it fit.

    Raises:
        RequestTooLargeError: it is far too long.
    """
    size = text_bytes(request)
    if size > context_of(model) * _BYTES_PER_TOKEN:
        raise too_large(model, f"{size} bytes")
    return replace(request, max_tokens=request.max_tokens or DEFAULT_MAX_TOKENS)


def too_large(model: LocalModel, detail: str) -> RequestTooLargeError:
    """The refusal of what does not fit; `detail` may tell its size."""
    counted = re.search(r"(\d+) tokens", detail)
    subject = f"It has {int(counted[1]):,} tokens; this" if counted else "This"
    most = f"{context_of(model):,} tokens at once"
    return RequestTooLargeError(
        f"The conversation is too long for {model.display_name}",
        f"{subject} model reads {most}. Shorten it, or pick a model that reads more.",
        provider=PROVIDER_ID,
        detail=detail,
    )
