"""Build table.json: what is known about models before any provider has been asked.

    python resources/model_table/build.py --litellm litellm-….whl --genai-prices genai_prices-….whl \
        --date 2026-11-22

Reads two wheels as the zip files they are; nothing in them is imported, installed or run. Fetch them with
`pip download --no-deps`. The same wheels, additions and date give the same bytes. Where the two disagree on
a price or a context window by more than rounding, both values go to standard error and neither is kept: it
stays unknown until the provider tells.

`additions.json` is kept by hand: ids that neither wheel knows, dates of retirement, families of open-weight
models. It wins over both.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from genai_prices_wheel import PricedModel, priced_models

Row = dict[str, Any]

HERE = Path(__file__).resolve().parent

# Our provider's id: litellm's name of it, and what its ids start with there.
_LITELLM = {
    "openai": ("openai", ""),
    "gemini": ("gemini", "gemini/"),
    "anthropic": ("anthropic", ""),
    "azure": ("azure", "azure/"),
    "cerebras": ("cerebras", "cerebras/"),
    "deepseek": ("deepseek", "deepseek/"),
    "fireworks": ("fireworks_ai", "fireworks_ai/"),
    "groq": ("groq", "groq/"),
    "mistral": ("mistral", "mistral/"),
    "together": ("together_ai", "together_ai/"),
    "xai": ("xai", "xai/"),
}
_GENAI_PRICES = {"gemini": "google", "xai": "x-ai"}

# Modes of litellm's table that complete text, and the one that makes images.
_MODES = {"chat": "chat", "responses": "chat", "image_generation": "image"}

# Listed under those modes, but neither chats nor draws.
_OTHERS = (
    "*container*", "*embed*", "*imagen*", "*live*", "*lyria*", "*moderation*", "*ocr*", "*orpheus*",
    "*prompt-guard*", "*rank*", "*realtime*", "*search*api*", "*transcribe*", "*tts*", "*veo-*", "*voice*",
    "*whisper*", "*.ft-*", "*:*", "gpt-5*image*",
)  # fmt: skip

# What genai-prices alone knows is often a pattern for bills rather than an id; these are ids.
_PRICED_IDS = {
    "openai": ("gpt-[345]*", "o1-*", "chatgpt-*"),
    "gemini": ("gemini-[123]*", "gemini-nano-banana-*", "gemma-*"),
    "anthropic": ("claude-*",),
    "groq": ("*",),
    "xai": ("grok-*",),
}

# Capabilities by letter; the legend goes into the table.
FLAGS = {
    "v": "vision",
    "a": "audio",
    "f": "video",
    "d": "documents",
    "t": "tools",
    "j": "json_mode",
    "s": "json_schema",
    "e": "streaming",
    "r": "thinking",
    "p": "sampling",
    "w": "web_search",
    "i": "images_out",
    "o": "audio_out",
}
_LITELLM_FLAGS = {
    "supports_vision": "v",
    "supports_audio_input": "a",
    "supports_video_input": "f",
    "supports_pdf_input": "d",
    "supports_function_calling": "t",
    "supports_response_schema": "s",
    "supports_native_streaming": "e",
    "supports_reasoning": "r",
    "supports_sampling_params": "p",
    "supports_web_search": "w",
    "supports_audio_output": "o",
}
_READS = {"image": "v", "audio": "a", "video": "f"}
_MAKES = {"image": "i", "audio": "o"}

_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$")


def main() -> int:
    """Write table.json beside this file, or where --out says."""
    parser = argparse.ArgumentParser(description="Build the table of models.")
    parser.add_argument("--litellm", type=Path, required=True, help="litellm's wheel")
    parser.add_argument("--genai-prices", type=Path, required=True, help="genai-prices' wheel")
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="date of the facts")
    parser.add_argument("--additions", type=Path, default=HERE / "additions.json")
    parser.add_argument("--out", type=Path, default=HERE / "table.json")
    given = parser.parse_args()
    additions = json.loads(given.additions.read_text(encoding="utf-8"))
    priced = priced_models(given.genai_prices, given.date)
    models = {
        provider: _provider_rows(provider, rows, priced.get(_GENAI_PRICES.get(provider, provider), ()))
        for provider, rows in _litellm_rows(given.litellm).items()
    }
    for provider, rows in additions["models"].items():
        for name, row in rows.items():
            models[provider].setdefault(name, {}).update(row)
    table = {
        "version": given.date.isoformat(),
        "sources": [_release(given.litellm), _release(given.genai_prices), additions["source"]],
        "flags": FLAGS,
        "families": additions["families"],
        "models": {
            name: dict(sorted(_without_copies(rows).items())) for name, rows in sorted(models.items())
        },
    }
    given.out.write_text(_written(table), encoding="utf-8")
    return 0


def _litellm_rows(wheel: Path) -> dict[str, dict[str, Row]]:
    """The rows of the providers that we serve, under the providers' own names for the models."""
    with ZipFile(wheel) as archive:
        table = json.loads(archive.read("litellm/model_prices_and_context_window_backup.json"))
    return {provider: dict(_chosen(table, *place)) for provider, place in _LITELLM.items()}


def _chosen(table: Mapping[str, Row], owner: str, prefix: str) -> Iterator[tuple[str, Row]]:
    for key, row in table.items():
        name = key.removeprefix(prefix)
        if row.get("litellm_provider") != owner or row.get("mode") not in _MODES:
            continue
        if _is_one_of(name.removeprefix("ft:"), _OTHERS):
            continue
        if (prefix and name == key and owner != "deepseek") or not _is_own_id(owner, name, row):
            continue
        yield name, row


def _is_own_id(owner: str, name: str, row: Row) -> bool:
    """Whether a provider would list a model by this name, and still serves it."""
    if owner == "fireworks_ai":  # rows without a source are price classes of years ago
        return name.startswith("accounts/") and bool(row.get("source"))
    if owner in {"openai", "azure", "gemini"}:  # the rest are regions, or sizes and qualities of images
        return "/" not in name
    return True


def _provider_rows(provider: str, rows: Mapping[str, Row], priced: tuple[PricedModel, ...]) -> dict[str, Row]:
    merged = {}
    for name, row in rows.items():
        match = next((model for model in priced if model.matches(name)), None)
        merged[name] = _merged(f"{provider}:{name}", row, match)
    for model in priced:
        wanted = _is_one_of(model.id, _PRICED_IDS.get(provider, ())) and not _is_one_of(model.id, _OTHERS)
        if wanted and model.id not in merged:
            images = _image_price(f"{provider}:{model.id}", {}, model)
            merged[model.id] = _compact({"c": model.window, "i": list(model.price), "m": images})
    return merged


def _is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _merged(reference: str, row: Row, priced: PricedModel | None) -> Row:
    """One row of ours from litellm's and, where it has one, genai-prices'."""
    yes, no = _flags(row)
    kind = _MODES[row["mode"]]
    if kind == "image" and "chat/completions" in " ".join(row.get("supported_endpoints", ())):
        kind = "chat"  # Gemini's image models answer in the same way as the rest
    return _compact(
        {
            "k": None if kind == "chat" else kind,
            "c": _window(reference, row, priced),
            "o": _count(row.get("max_output_tokens")),
            "i": _price(reference, row, priced),
            "m": _image_price(reference, row, priced),
            "y": yes,
            "n": no,
            "r": row.get("deprecation_date"),
        }
    )


def _window(reference: str, row: Row, priced: PricedModel | None) -> int | None:
    given, output = _count(row.get("max_input_tokens")), _count(row.get("max_output_tokens"))
    other = priced.window if priced is not None else None
    if given is None or other is None or _near(given, other, 0.05):
        return given or other
    if output is not None and _near(given + output, other, 0.05):
        return other  # one counts what goes in, the other all that the window holds
    _disagree(reference, "context window", given, other)
    return None


def _price(reference: str, row: Row, priced: PricedModel | None) -> list[float | None]:
    """US dollars a million tokens: in, out, in from the cache."""
    names = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost")
    return _agreed(reference, row, names, priced.price if priced is not None else (None, None, None))


def _image_price(reference: str, row: Row, priced: PricedModel | None) -> list[float | None]:
    """US dollars a million tokens of images: in, out.

    What has no price of its own is billed like the rest: what comes in at Gemini, whose price list has one
    line for text and images, and what comes out of models that answer in images alone.
    """
    names = ("input_cost_per_image_token", "output_cost_per_image_token")
    other = priced.image_price if priced is not None else (None, None)
    if priced is not None and other[1] is None and other[0] is not None:
        other = (other[0], priced.price[1])
    prices = _agreed(reference, row, names, other)
    if prices[0] is None and prices[1] is not None and reference.startswith("gemini:"):
        prices[0] = _price(reference, row, priced)[0]
    return prices if prices[1] is not None else []


def _agreed(
    reference: str, row: Row, names: tuple[str, ...], others: tuple[float | None, ...]
) -> list[float | None]:
    """Prices by litellm's names for them, where the two do not disagree."""
    prices: list[float | None] = []
    for name, other in zip(names, others, strict=True):
        cost = row.get(name)
        # Zero is what litellm writes where it does not know.
        given = float(f"{cost * 1_000_000:.6g}") if isinstance(cost, int | float) and cost > 0 else None
        if given is not None and other is not None and not _near(given, other, 0.01):
            _disagree(reference, name, given, other)
            prices.append(None)
        else:
            prices.append(given if other is None else other)
    return prices


def _flags(row: Row) -> tuple[str, str]:
    known = {flag: row[name] for name, flag in _LITELLM_FLAGS.items() if isinstance(row.get(name), bool)}
    for listed, letters in (("supported_modalities", _READS), ("supported_output_modalities", _MAKES)):
        kinds = row.get(listed)
        if isinstance(kinds, list) and kinds:
            for kind, flag in letters.items():
                if kind in kinds or flag != "i" or row["litellm_provider"] == "gemini":
                    known.setdefault(flag, kind in kinds)  # others make images with a tool that is not listed
    if row["litellm_provider"] in {"openai", "azure"} and row.get("supports_none_reasoning_effort") is False:
        known.setdefault("p", False)  # what always reasons takes no temperature
    if row.get("mode") == "image_generation":
        known["i"] = True
    elif known.get("s"):
        known["j"] = True  # what keeps to a schema gives JSON
    return tuple("".join(flag for flag in FLAGS if known.get(flag) is value) for value in (True, False))  # type: ignore[return-value]


def _without_copies(rows: Mapping[str, Row]) -> dict[str, Row]:
    """Leave out a dated id that adds nothing to the undated one, which is read instead."""
    kept = {}
    for name, row in sorted(rows.items()):
        undated = _DATED.sub("", name)
        if undated == name or undated not in rows or (row and rows[undated] != row):
            kept[name] = row
    return kept


def _near(one: float, other: float, share: float) -> bool:
    return abs(one - other) <= share * max(one, other)


def _disagree(reference: str, what: str, given: float, other: float) -> None:
    sys.stderr.write(f"{reference}: {what}: litellm {given:g}, genai-prices {other:g}\n")


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value > 0 else None


def _compact(row: Row) -> Row:
    """Leave out what is unknown."""
    if not any(row.get("i") or ()):
        row["i"] = None
    else:
        while row["i"][-1] is None:
            row["i"].pop()
    return {key: value for key, value in sorted(row.items()) if value}


def _release(wheel: Path) -> str:
    name, version, *_ = wheel.name.split("-")
    return f"{name.replace('_', '-')} {version} (MIT)"


def _written(table: Mapping[str, Any]) -> str:
    """JSON with one model or family a line, so that a change shows as a change of lines."""
    blocks = [f'"version": {json.dumps(table["version"])}']
    blocks += [
        f'"{name}": [\n' + ",\n".join(_line(one) for one in table[name]) + "\n]"
        for name in ("sources", "families")
    ]
    blocks.append(f'"flags": {_line(table["flags"])}')
    for provider, rows in table["models"].items():
        lines = ",\n".join(f"{json.dumps(name)}:{_line(row)}" for name, row in rows.items())
        blocks.append(f"{json.dumps(provider)}: {{\n{lines}\n}}")
    head, rows_of = blocks[:4], blocks[4:]
    return "{\n" + ",\n".join(head) + ',\n"models": {\n' + ",\n".join(rows_of) + "\n}\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    raise SystemExit(main())
