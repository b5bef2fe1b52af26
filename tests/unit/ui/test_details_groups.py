"""What the details say of a model, by who said it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aiproxy_desktop.core.administration import ModelDetails
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.services.model_sources import sourced
from aiproxy_desktop.storage.usage import ModelUsage
from aiproxy_desktop.ui.models.details.groups import Group, Line, LongText, details_group, groups_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BARE = ModelInfo("m", "p", "M")


def shown(model: ModelInfo, reported: ModelInfo | None = None, **more: Any) -> tuple[Group, ...]:
    given: dict[str, Any] = {"listed": None, "table": None, "usage": None, "now": NOW} | more
    return groups_of(model, sourced(model, reported or model, BARE), "P", **given)


def test_nothing_known_is_said_and_is_no_zero() -> None:
    provider, seen = shown(BARE)
    assert provider.title == "From P"
    assert provider.lines == (
        Line("Context window", "Unknown", muted=True),
        Line("Output limit", "Unknown", muted=True),
        Line("Price in", "Unknown", muted=True),
        Line("Price out", "Unknown", muted=True),
        Line("Not known", "Vision, Tools, Think, Audio, Documents, JSON schema, Makes images", muted=True),
        Line("Retires", "No date given", muted=True),
    )
    assert seen == Group("Seen here", (Line("Used so far", "Not yet", muted=True),))


def test_titles_tell_how_old_it_is() -> None:
    model = ModelInfo("m", "p", "M", 8_000, released_on=date(2026, 9, 18), retires_on=date(2026, 12, 11))
    table, provider, _ = shown(
        model, BARE, table=date(2026, 11, 14), listed=NOW - timedelta(minutes=2, seconds=3)
    )
    assert (table.title, provider.title) == ("From the bundled table, 14 Nov 2026", "From P, 2 minutes ago")
    assert Line("Released", "18 Sep 2026") in table.lines
    assert Line("Retires", "11 Dec 2026") in table.lines


def test_a_file_speaks_for_itself() -> None:
    model = ModelInfo(
        *("m", "p", "M", 8_192),
        size_bytes=98_400_000,
        local=True,
        price=Price(0.0, 0.0),
        parameters="135M",
        quantization="Q4_1",
        capabilities=Capabilities(sampling=True, streaming=True, tools=False),
    )
    file, _ = shown(model, file=True, listed=NOW)
    assert file.title == "From its file"
    assert file.lines == (
        Line("Context window", "8,192 tokens"),
        Line("Price in", "Free"),
        Line("Price out", "Free"),
        Line("Parameters", "135M"),
        Line("Quantisation", "Q4_1"),
        Line("Size on disk", "98 MB"),
        Line("Cannot do", "Tools"),
        Line("Not known", "Vision, Think, Audio, Documents, JSON schema, Makes images", muted=True),
    )


@pytest.mark.parametrize(
    ("usage", "used"),
    [
        (ModelUsage("p:m", 2, 100, 50, cost=0.0, priced=2), "150 tokens, Free"),
        (ModelUsage("p:m", 2, 100, None, cost=0.5, priced=1), "100 tokens, $0.50 for 1 of 2 answers"),
        (ModelUsage("p:m", 1), "tokens unknown, cost unknown"),
    ],
)
def test_what_was_used(usage: ModelUsage, used: str) -> None:
    seen = shown(BARE, usage=usage)[-1]
    assert Line("Used so far", used) in seen.lines
    assert Line("Speed", "Unknown", muted=True) in seen.lines


def test_long_texts_have_a_first_line() -> None:
    group = details_group(
        ModelDetails(BARE, "llama", "\n\nMIT\n\nDo as you like.", system="Be kind.", author="Someone")
    )
    assert group is not None
    assert group.lines == (Line("Family", "llama"), Line("Author", "Someone"))
    assert group.long == (
        LongText("license", "Licence", "MIT", "MIT\n\nDo as you like."),
        LongText("system", "System prompt", "Be kind."),
    )
    assert details_group(ModelDetails(BARE, license="  \n")) is None
    endless = details_group(ModelDetails(BARE, template="x" * 10_000))
    assert endless is not None
    assert len(endless.long[0].first) < 100
    assert endless.long[0].whole == "x" * 10_000
