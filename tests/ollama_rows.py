"""What an Ollama server says of its models, in its own shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.ollama_store import Loaded, Stored


def tag_row(model: Stored, *, older: bool = False) -> dict[str, Any]:
    """A row of /api/tags; older servers leave the capabilities and the context to /api/show."""
    row = {
        "name": model.name,
        "model": model.name,
        "modified_at": model.modified_at.isoformat(),
        "size": model.size,
        "digest": model.digest,
        "details": _details(model),
    }
    if not older:
        row["capabilities"] = list(model.capabilities)
        row["details"] = {**_details(model), "context_length": model.context_length}
    return row | ({"remote_model": model.remote_model} if model.remote_model else {})


def show_answer(model: Stored) -> dict[str, Any]:
    """The answer of /api/show."""
    shown = {
        "license": model.license,
        "modelfile": model.modelfile,
        "parameters": model.parameters,
        "template": model.template,
        "system": model.system,
        "details": _details(model),
        "model_info": {
            "general.architecture": model.family,
            f"{model.family}.context_length": model.context_length,
        },
        "capabilities": list(model.capabilities),
        "modified_at": model.modified_at.isoformat(),
        "remote_model": model.remote_model,
    }
    return {name: value for name, value in shown.items() if value}


def running_row(one: Loaded, model: Stored) -> dict[str, Any]:
    """A row of /api/ps."""
    return {
        "name": model.name,
        "model": model.name,
        "size": model.size,
        "digest": model.digest,
        "details": _details(model),
        "expires_at": one.until.isoformat(),
        "size_vram": int(model.size * one.gpu_share),
        "context_length": one.context,
    }


def chat_line(model: str, content: str) -> dict[str, Any]:
    """A line of /api/chat before its last."""
    message = {"role": "assistant", "content": content}
    return {"model": model, "created_at": now(), "message": message, "done": False}


def now() -> str:
    return datetime.now(UTC).isoformat()


def _details(model: Stored) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": model.family,
        "families": [model.family],
        "parameter_size": model.parameter_size,
        "quantization_level": model.quantization,
    }
