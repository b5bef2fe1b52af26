"""One row of a list of models, in any of the shapes that compatible servers give it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from aiproxy_desktop.core.model_rules import holds_word
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.providers.openai.dialect import ChatDialect

# Of `type` in the lists of Together and LM Studio, and `model_type` elsewhere: what does not chat.
_OTHER_TYPES = frozenset(
    {
        "image",
        "embedding",
        "embeddings",
        "moderation",
        "rerank",
        "audio",
        "transcribe",
        "video",
        "speech",
        "tts",
    }
)
# In the ids of models that make images and do not chat.
_IMAGE_NAME = re.compile(
    r"(?:^|[^a-z])(?:gpt-image|chatgpt-image|dall-e|grok-imagine-image|imagen|flux|stable-diffusion|sdxl|sd3"
    r"|qwen-image|z-image|hidream|seedream|recraft|ideogram|hunyuanimage)"
)
_DRAWS = Capabilities(images_out=True, tools=False, audio=False, video=False, audio_out=False)
_WINDOWS = ("context_length", "context_window", "max_model_len", "max_context_length", "max_prompt_length")
_OUTPUTS = ("max_completion_tokens", "max_output_tokens", "output_limit")
_RETIREMENTS = ("shutdown_date", "expiration_date", "deprecation", "deprecation_date")

# Before the first of these models there was nothing to list: a date that is none.
_FIRST_DAY = date(2019, 1, 1)
_LAST_DAY = date(2100, 1, 1)


def read_model(
    row: Mapping[str, Any], provider: str, dialect: ChatDialect, *, local: bool
) -> ModelInfo | None:
    """What a row tells, or None where the model is known not to chat. What it does not tell stays unknown."""
    name = row.get("id")
    if not isinstance(name, str) or not name or holds_word(name, dialect.not_chat) or not _chats(row):
        return None
    shown = row.get("name") or row.get("display_name")
    meta = _object(row.get("meta"))  # llama.cpp's
    top = _object(row.get("top_provider"))  # OpenRouter's
    described = row.get("description")
    return ModelInfo(
        name,
        provider,
        shown if isinstance(shown, str) else name,
        context_window=_first_count(row, _WINDOWS) or _first_count(meta, ("n_ctx", "n_ctx_train")),
        output_limit=_first_count(row, _OUTPUTS) or _first_count(top, _OUTPUTS),
        size_bytes=_first_count(meta, ("size",)),
        local=local,
        capabilities=_capabilities(row),
        price=_price(row),
        released_on=_released(row) if dialect.dates_models else None,
        retires_on=next((day for day in (_day(row.get(key)) for key in _RETIREMENTS) if day), None),
        description=described if isinstance(described, str) else "",
    )


def read_image_model(
    row: Mapping[str, Any], provider: str, dialect: ChatDialect, *, local: bool
) -> ModelInfo | None:
    """A row of a model that makes images and nothing else, or None where it is not known to be one."""
    name = row.get("id")
    if not isinstance(name, str) or not name or not _draws(name, row) or row.get("active") is False:
        return None
    shown = row.get("name") or row.get("display_name")
    return drawing_model(
        name,
        provider,
        local=local,
        shown=shown if isinstance(shown, str) else name,
        released_on=_released(row) if dialect.dates_models else None,
        retires_on=next((day for day in (_day(row.get(key)) for key in _RETIREMENTS) if day), None),
    )


def drawing_model(
    name: str,
    provider: str,
    *,
    local: bool,
    shown: str = "",
    released_on: date | None = None,
    retires_on: date | None = None,
) -> ModelInfo:
    """A model that makes images, of which no more is known than its name."""
    return ModelInfo(
        name,
        provider,
        shown or name,
        local=local,
        capabilities=_DRAWS,
        released_on=released_on,
        retires_on=retires_on,
    )


def _draws(name: str, row: Mapping[str, Any]) -> bool:
    """By what the row says, else by names that are of image models alone."""
    kind = row.get("type")
    if isinstance(kind, str) and kind in _OTHER_TYPES:
        return kind == "image"
    outputs = _words(_object(row.get("architecture")).get("output_modalities", row.get("output_modalities")))
    return outputs == {"image"} if outputs is not None else _IMAGE_NAME.search(name.lower()) is not None


def _chats(row: Mapping[str, Any]) -> bool:
    capabilities = _object(row.get("capabilities"))
    kind = row.get("type")
    outputs = _words(_object(row.get("architecture")).get("output_modalities", row.get("output_modalities")))
    return not (
        capabilities.get("completion_chat") is False
        or row.get("supports_chat") is False
        or row.get("active") is False
        or (isinstance(kind, str) and kind in _OTHER_TYPES)
        or (outputs is not None and "text" not in outputs)
    )


def _capabilities(row: Mapping[str, Any]) -> Capabilities:
    """From OpenRouter's and xAI's modalities, Mistral's capabilities and Fireworks' flags."""
    architecture = _object(row.get("architecture"))
    told = _object(row.get("capabilities"))
    inputs = _words(architecture.get("input_modalities", row.get("input_modalities")))
    outputs = _words(architecture.get("output_modalities", row.get("output_modalities")))
    taken = _words(row.get("supported_parameters"))
    listed = _words(row.get("capabilities"))  # LM Studio's and llama.cpp's
    return Capabilities(
        vision=_any(
            _in(inputs, "image"),
            _flag(told.get("vision")),
            _flag(row.get("supports_image_input")),
            True if row.get("type") == "vlm" or _in(listed, "multimodal", "vision") else None,
        ),
        audio=_any(_in(inputs, "audio"), _flag(told.get("audio"))),
        video=_in(inputs, "video"),
        documents=_in(inputs, "file"),
        tools=_any(
            _in(taken, "tools"),
            _flag(told.get("function_calling")),
            _flag(row.get("supports_tools")),
            True if _in(listed, "tool_use", "tools") else None,
        ),
        json_mode=_in(taken, "response_format"),
        json_schema=_in(taken, "structured_outputs"),
        thinking=_any(_in(taken, "reasoning", "include_reasoning"), _flag(told.get("reasoning"))),
        sampling=_in(taken, "temperature"),
        web_search=_in(taken, "web_search_options"),
        images_out=_in(outputs, "image"),
        audio_out=_in(outputs, "audio"),
    )


def _price(row: Mapping[str, Any]) -> Price | None:
    """Dollars a million tokens.

    OpenRouter gives dollars a token as text (`prompt`, `completion`), Together dollars a million
    (`input`, `output`; two zeros there mean that it has no such price), xAI cents a hundred million.
    """
    prices = _object(row.get("pricing"))
    if "prompt" in prices or "completion" in prices:
        found = [_dollars(prices.get(key), 1e6) for key in ("prompt", "completion", "input_cache_read")]
    elif "input" in prices or "output" in prices:
        found = [_dollars(prices.get(key), 1.0) for key in ("input", "output", "cached_input")]
        if not any(found):
            return None
    else:
        keys = ("prompt_text_token_price", "completion_text_token_price", "cached_prompt_text_token_price")
        found = [_dollars(row.get(key), 1e-4) for key in keys]
    return Price(*found) if any(price is not None for price in found) else None


def _dollars(value: Any, scale: float) -> float | None:
    """A price; negative ones (`-1` where it depends) are unknown."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        price = float(value) * scale
    except (ValueError, OverflowError):
        return None
    return round(price, 6) if 0 <= price < 1e6 else None


def _released(row: Mapping[str, Any]) -> date | None:
    created = row.get("created")
    if isinstance(created, bool) or not isinstance(created, int | float):
        return None
    try:
        day = datetime.fromtimestamp(created, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
    return day if _FIRST_DAY < day < _LAST_DAY else None


def _day(value: Any) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _words(value: Any) -> frozenset[str] | None:
    if not isinstance(value, list):
        return None
    return frozenset(item for item in value if isinstance(item, str))


def _in(words: frozenset[str] | None, *wanted: str) -> bool | None:
    return None if words is None else not words.isdisjoint(wanted)


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _any(*found: bool | None) -> bool | None:
    """Yes where one source says so, no where one says so and none says yes, else unknown."""
    known = [one for one in found if one is not None]
    return any(known) if known else None


def _first_count(values: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    counts = (values.get(key) for key in keys)
    return next((n for n in counts if isinstance(n, int) and not isinstance(n, bool) and n > 0), None)
