"""Parts of Gemini Live's messages as values: searches, programs, tokens, durations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiproxy_desktop.core.live.events import CodeRun, LiveUsage, SearchMade, Source
from aiproxy_desktop.core.live.wire_reading import count_of, mapping_of, rows_of, text_of


def seconds_of(duration: Any) -> float:
    """A duration as protobuf writes it in JSON (`12s`, `0.5s`); 0 where it cannot be read."""
    try:
        seconds = float(text_of(duration).removesuffix("s"))
    except ValueError:
        return 0.0
    return seconds if 0.0 <= seconds < float("inf") else 0.0


def search_of(grounding: Mapping[str, Any], told: set[str]) -> SearchMade | None:
    """What was searched for and found; None where nothing is new.

    Args:
        grounding: the service's word.
        told: queries and addresses that were told before; those told now are added.
    """
    asked = grounding.get("webSearchQueries")
    queries = [one for one in asked if isinstance(one, str)] if isinstance(asked, list) else []
    pages = [mapping_of(chunk.get("web")) for chunk in rows_of(grounding.get("groundingChunks"))]
    found = {text_of(page.get("uri")): text_of(page.get("title")) for page in pages}
    new = SearchMade(
        tuple(query for query in dict.fromkeys(queries) if query and query not in told),
        tuple(Source(title or url, url) for url, title in found.items() if url and url not in told),
    )
    told.update(queries, found)
    return new if new.queries or new.sources else None


def code_run(part: Mapping[str, Any]) -> CodeRun | None:
    """A program, or what came of it; None where the part is neither."""
    code = mapping_of(part.get("executableCode")).get("code")
    if isinstance(code, str) and code:
        return CodeRun(code=code)
    result = part.get("codeExecutionResult")
    if not isinstance(result, Mapping):
        return None
    outcome = text_of(result.get("outcome"))
    return CodeRun(output=text_of(result.get("output")), ok=outcome in {"", "OUTCOME_OK"})


def usage_of(usage: Mapping[str, Any]) -> LiveUsage:
    """Tokens by kind (`UsageMetadata`). What tools brought counts as input, thoughts as written output.

    It is of one turn, whose input is all that was said before: not a sum over the session (a probe of three
    turns in pydantic/pydantic-ai, pull request 7269).
    """
    asked = _by_modality(usage.get("promptTokensDetails"))
    tools = _by_modality(usage.get("toolUsePromptTokensDetails"))
    answered = _by_modality(usage.get("responseTokensDetails"))
    thoughts = count_of(usage.get("thoughtsTokenCount"))
    return LiveUsage(
        input_text=_sum(asked.get("TEXT"), tools.get("TEXT")),
        input_audio=_sum(asked.get("AUDIO"), tools.get("AUDIO")),
        output_text=_sum(answered.get("TEXT"), thoughts),
        output_audio=answered.get("AUDIO"),
        cached=count_of(usage.get("cachedContentTokenCount")),
        thoughts=thoughts,
        total=count_of(usage.get("totalTokenCount")),
    )


def _by_modality(details: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows_of(details):
        count = count_of(row.get("tokenCount"))
        if count is not None:
            modality = text_of(row.get("modality")).upper()
            found[modality] = found.get(modality, 0) + count
    return found


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
