"""Thoughts that go back to Anthropic: what stands in an OpaquePart, and when it is sent again.

A thinking block is signed, and its signature holds for one model (and for the newest ones, for one
conversation whose earlier turns have not changed). Blocks go back as they came, in their place.
"""

from __future__ import annotations

import json
from collections.abc import Container
from typing import Any

from aiproxy_desktop.core.messages import OpaquePart, Part
from aiproxy_desktop.core.wire_json import encode_json

PROVIDER = "anthropic"


def signed(signature: str, model: str) -> str:
    """What is kept of a thinking block besides its text."""
    return encode_json({"type": "thinking", "signature": signature, "model": model}).decode()


def redacted(data: str, model: str) -> str:
    """What is kept of a block that nobody but the service can read."""
    return encode_json({"type": "redacted_thinking", "data": data, "model": model}).decode()


def thought_block(
    part: OpaquePart, thinking: str, model: str, refused: Container[str] = ()
) -> dict[str, Any] | None:
    """The block to send back, or None where it is another provider's, another model's, or was refused.

    Args:
        part: what was kept.
        thinking: the text of the thought before it; empty where the service left it out.
        model: the model asked now.
        refused: `data` of parts that the service would not have.
    """
    if part.provider != PROVIDER or part.data in refused:
        return None
    try:
        kept = json.loads(part.data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(kept, dict) or kept.get("model", model) != model:
        return None
    if kept.get("type") == "redacted_thinking" and isinstance(kept.get("data"), str):
        return {"type": "redacted_thinking", "data": kept["data"]}
    if isinstance(kept.get("signature"), str):
        return {"type": "thinking", "thinking": thinking, "signature": kept["signature"]}
    return None


def is_own_thought(part: Part, model: str, refused: Container[str] = ()) -> bool:
    """Whether a part goes back to this model as a thought."""
    return isinstance(part, OpaquePart) and thought_block(part, "", model, refused) is not None
