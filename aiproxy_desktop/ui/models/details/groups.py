"""What the details say of a model, in words, by who said it. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from aiproxy_desktop.core.administration import ModelDetails
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.model_sources import Fact, SourcedFacts
from aiproxy_desktop.storage.usage import ModelUsage
from aiproxy_desktop.ui.chat.conversation.facts import money
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.moments import ago, day
from aiproxy_desktop.ui.translation import tr, tr_count

_ABLE = "capabilities."
# What everyone looks for, and misses where it is not there. Nobody misses the rest.
_ESSENTIAL = ("context_window", "output_limit", "price.input", "price.output")
# What nearly every model does is worth a word only where one does not.
_USUAL = frozenset({"streaming", "sampling"})
_MOST_FIRST_LINE = 80


@dataclass(frozen=True, slots=True)
class Line:
    """A fact: its name and its value; `muted` where it is not known."""

    name: str
    value: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class LongText:
    """A text too long for a line: its first line, and the whole where that is not all of it."""

    id: str
    name: str
    first: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts from one source, with a text of several sentences after them."""

    title: str
    lines: tuple[Line, ...] = ()
    text: str = ""
    long: tuple[LongText, ...] = ()


def groups_of(
    model: ModelInfo,
    sources: SourcedFacts,
    provider: str,
    *,
    listed: datetime | None,
    table: date | None,
    usage: ModelUsage | None,
    file: bool = False,
    now: datetime | None = None,
) -> tuple[Group, ...]:
    """All groups that can be shown without asking anybody.

    Args:
        model: the model.
        sources: who said what of it.
        provider: what its provider is called.
        listed: when its provider's list came.
        table: of which day the bundled table is.
        usage: what it did here.
        file: it is a file on this computer, which speaks for itself.
        now: None asks the clock.
    """
    found = []
    tabled = _lines(sources.table, model)
    if tabled:
        title = tr("From the bundled table") if table is None else _of_table(table)
        found.append(Group(title, tabled))
    title = tr("From its file") if file else tr("From {provider}", provider=provider)
    if listed is not None and not file:
        title = tr("From {provider}, {ago}", provider=provider, ago=ago(listed, now))
    lines = (*_lines(sources.provider, model), *_missing(sources.unknown, model))
    if lines or model.description:
        found.append(Group(title, lines, model.description.strip()))
    found.append(_seen(usage, now))
    return tuple(found)


def details_group(details: ModelDetails) -> Group | None:
    """What a server told when it was asked; None where that is nothing."""
    lines = []
    if details.family:
        lines.append(Line(tr("Family"), details.family))
    if details.author:
        lines.append(Line(tr("Author"), details.author))
    if details.modified_at is not None:
        lines.append(Line(tr("Changed"), day(details.modified_at.date())))
    texts = (
        ("license", tr("Licence"), details.license),
        ("template", tr("Template"), details.template),
        ("system", tr("System prompt"), details.system),
        ("defaults", tr("Default parameters"), details.defaults),
    )
    long = tuple(_long(*text) for text in texts if text[2].strip())
    return Group(tr("About this model"), tuple(lines), long=long) if lines or long else None


def _of_table(version: date) -> str:
    return tr("From the bundled table, {date}", date=day(version))


def _lines(facts: Sequence[Fact], model: ModelInfo) -> tuple[Line, ...]:
    known = {fact.field: fact.value for fact in facts}
    lines = [Line(name, shown) for field, name, shown in _plain(known, model) if field in known]
    said = words.capability_words()
    able = [word for name, word in said.items() if known.get(_ABLE + name) is True and name not in _USUAL]
    unable = [word for name, word in said.items() if known.get(_ABLE + name) is False]
    if able:
        lines.append(Line(tr("Can do"), ", ".join(able)))
    if unable:
        lines.append(Line(tr("Cannot do"), ", ".join(unable)))
    return tuple(lines)


def _plain(known: Mapping[str, Any], model: ModelInfo) -> Sequence[tuple[str, str, str]]:
    """Field, name and value of what has a line of its own, in the order of the lines."""

    def price(field: str) -> str:
        return words.price_a_million(known.get(field), model.free)

    def when(field: str) -> str:
        value = known.get(field)
        return day(value) if isinstance(value, date) else words.unknown()

    return (
        ("context_window", tr("Context window"), words.all_tokens(known.get("context_window"))),
        ("output_limit", tr("Output limit"), words.all_tokens(known.get("output_limit"))),
        ("price.input", tr("Price in"), price("price.input")),
        ("price.output", tr("Price out"), price("price.output")),
        ("price.cached_input", tr("Price in, cached"), price("price.cached_input")),
        ("parameters", tr("Parameters"), str(known.get("parameters"))),
        ("quantization", tr("Quantisation"), str(known.get("quantization"))),
        ("size_bytes", tr("Size on disk"), words.size(known.get("size_bytes"))),
        ("released_on", tr("Released"), when("released_on")),
        ("retires_on", tr("Retires"), when("retires_on")),
    )


def _missing(unknown: Sequence[str], model: ModelInfo) -> tuple[Line, ...]:
    """What nobody said, of what a person looks for."""
    names = {field: name for field, name, _ in _plain({}, model)}
    # What runs here writes until its context is full.
    missed = [
        field for field in _ESSENTIAL if field in unknown and not (model.local and field == "output_limit")
    ]
    lines = [Line(names[field], words.unknown(), muted=True) for field in missed]
    said = words.capability_words()
    asked = ("vision", "tools", "thinking", "audio", "documents", "json_schema", "images_out")
    open_questions = [said[name] for name in asked if _ABLE + name in unknown]
    if open_questions:
        lines.append(Line(tr("Not known"), ", ".join(open_questions), muted=True))
    if "retires_on" in unknown and not model.local:
        lines.append(Line(names["retires_on"], tr("No date given"), muted=True))
    return tuple(lines)


def _seen(usage: ModelUsage | None, now: datetime | None) -> Group:
    if usage is None:
        return Group(tr("Seen here"), (Line(tr("Used so far"), tr("Not yet"), muted=True),))
    lines = [
        Line(tr("First token"), words.wait(usage.wait), usage.wait is None),
        Line(tr("Speed"), words.speed(usage.speed), usage.speed is None),
        Line(tr("Used so far"), _used(usage)),
    ]
    if usage.cached_tokens:
        lines.append(Line(tr("Read from the cache"), words.all_tokens(usage.cached_tokens)))
    if usage.reasoning_tokens:
        lines.append(Line(tr("Spent on thinking"), words.all_tokens(usage.reasoning_tokens)))
    if usage.last_used is not None:
        lines.append(Line(tr("Last used"), ago(usage.last_used, now)))
    title = tr_count("Seen here, {n} answer", "Seen here, {n} answers", usage.answers)
    return Group(title, tuple(lines))


def _used(usage: ModelUsage) -> str:
    known = [count for count in (usage.input_tokens, usage.output_tokens) if count is not None]
    tokens = words.all_tokens(sum(known)) if known else tr("tokens unknown")
    if usage.cost is None:
        return tr("{tokens}, cost unknown", tokens=tokens)
    cost = money(usage.cost)
    if usage.priced == usage.answers:
        return tr("{tokens}, {cost}", tokens=tokens, cost=cost)
    some = tr("{n} of {all} answers", n=f"{usage.priced:,}", all=f"{usage.answers:,}")
    return tr("{tokens}, {cost} for {answers}", tokens=tokens, cost=cost, answers=some)


def _long(text_id: str, name: str, text: str) -> LongText:
    whole = text.strip()
    lines = [line.strip() for line in whole.splitlines() if line.strip()]
    first = lines[0]
    if len(first) > _MOST_FIRST_LINE:
        first = f"{first[:_MOST_FIRST_LINE].rstrip()}…"
    return LongText(text_id, name, first, whole if whole != first else "")
