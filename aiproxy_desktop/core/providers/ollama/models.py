"""What Ollama tells of its models, as values. Unknown stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiproxy_desktop.core.administration import ModelDetails, PullProgress, RunningModel
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.providers.ollama.steps import LONGEST_WORD, MOST_BYTES

# On a server of one's own that is another machine.
_FREE = Price(0.0, 0.0)

# Characters. The longest licenses have 50,000.
_LONGEST_TEXT = 200_000

_BLOB = re.compile(r"^(?:FROM|ADAPTER)\s.*(sha256[-:][0-9a-f]{64})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tag:
    """A name on a server's disk. Equal digests are the same model; `size_bytes` None is unknown."""

    name: str
    digest: str = ""
    size_bytes: int | None = None
    family: str = ""


def read_tag(row: Mapping[str, Any]) -> Tag | None:
    """A row of /api/tags; None where it has no name."""
    name = row.get("model") or row.get("name")
    if not isinstance(name, str) or not name:
        return None
    family = _text(_mapping(row.get("details")).get("family"))
    return Tag(name, _text(row.get("digest")), _count(row.get("size")), family)


def read_model(row: Mapping[str, Any], provider: str, *, here: bool = True) -> ModelInfo | None:
    """A row of /api/tags, or one joined with the answer of /api/show; None where it completes no text."""
    name = row.get("model") or row.get("name")
    capabilities = row.get("capabilities")
    if not isinstance(name, str) or not name:
        return None
    if isinstance(capabilities, list) and capabilities and "completion" not in capabilities:
        return None
    return _info(name, row, provider, here=here)


def read_shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What /api/show adds to a row of /api/tags."""
    facts = _mapping(payload.get("model_info"))
    windows = (_count(value) for key, value in facts.items() if key.endswith(".context_length"))
    shown: dict[str, Any] = {
        "capabilities": payload.get("capabilities"),
        "context_length": next(windows, None),
        "remote_model": payload.get("remote_model"),
    }
    if payload.get("details"):
        shown["details"] = payload["details"]
    return shown


def read_details(payload: Mapping[str, Any], name: str, provider: str, *, here: bool = True) -> ModelDetails:
    """The answer of /api/show for a model."""
    details = _mapping(payload.get("details"))
    return ModelDetails(
        _info(name, read_shown(payload), provider, here=here),
        family=_text(details.get("family")),
        license=_long_text(payload.get("license")),
        system=_long_text(payload.get("system")),
        template=_long_text(payload.get("template")),
        defaults=_long_text(payload.get("parameters")),
        modified_at=_time(payload.get("modified_at")),
    )


def read_running(row: Mapping[str, Any]) -> RunningModel | None:
    """A row of /api/ps."""
    name = row.get("model") or row.get("name")
    if not isinstance(name, str) or not name:
        return None
    return RunningModel(
        name,
        size_bytes=_count(row.get("size")),
        vram_bytes=_count(row.get("size_vram"), least=0),
        expires_at=_time(row.get("expires_at")),
        context_window=_count(row.get("context_length")),
    )


def read_progress(line: Mapping[str, Any]) -> PullProgress:
    """A line of /api/pull. Ollama leaves out numbers that are zero."""
    total = _count(line.get("total"))
    completed = _count(line.get("completed"), least=0)
    return PullProgress(
        _text(line.get("status"))[:LONGEST_WORD],
        _text(line.get("digest"))[:LONGEST_WORD],
        0 if completed is None and total is not None else completed,
        total,
    )


def shared_blobs(payload: Mapping[str, Any]) -> frozenset[str]:
    """The digests of the weights in an answer of /api/show: its Modelfile names their files."""
    return frozenset(_BLOB.findall(_text(payload.get("modelfile"))))


def _info(name: str, row: Mapping[str, Any], provider: str, *, here: bool) -> ModelInfo:
    """A model; `here`: the server is this machine. One that it passes on to Ollama's cloud runs there."""
    details = _mapping(row.get("details"))
    passed_on = bool(row.get("remote_model") or row.get("remote_host"))
    return ModelInfo(
        name,
        provider,
        name.removesuffix(":latest"),
        context_window=_count(details.get("context_length")) or _count(row.get("context_length")),
        size_bytes=_count(row.get("size")),
        local=here and not passed_on,
        price=None if here or passed_on else _FREE,
        capabilities=_capabilities(row.get("capabilities")),
        parameters=_text(details.get("parameter_size")),
        quantization=_text(details.get("quantization_level")),
    )


def _capabilities(names: Any) -> Capabilities:
    """From Ollama's own names for them.

    Constraining the answer to JSON is the server's work, so every model can do it. `documents` stays
    unknown: text files are put into the prompt, others cannot be sent.
    """
    every = Capabilities(json_mode=True, json_schema=True, streaming=True, sampling=True, web_search=False)
    if not isinstance(names, list) or not names:
        return every
    return Capabilities(
        vision="vision" in names,
        audio="audio" in names,
        video=False,
        tools="tools" in names,
        thinking="thinking" in names,
        images_out="image" in names,
        audio_out=False,
    ).over(every)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _long_text(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _count(value: Any, least: int = 1) -> int | None:
    sound = isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST_BYTES
    return value if sound else None


def _time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    # Go writes the year 1 for a time that was never set.
    return moment if moment.tzinfo is not None and moment.year > 1 else None
