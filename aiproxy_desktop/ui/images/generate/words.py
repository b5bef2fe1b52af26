"""The words above and on the pictures that are made. No Qt here."""

from __future__ import annotations

from datetime import datetime

from aiproxy_desktop.ui.images.generate.blocks import Block, Card, Column
from aiproxy_desktop.ui.images.panel.words import cost_after
from aiproxy_desktop.ui.translation import tr, tr_count

_SEPARATOR = " · "


def elapsed(seconds: float) -> str:
    """`12 s`, `2 min 5 s`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return tr("{seconds} s", seconds=whole)
    return tr("{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)


def state_line(column: Column, now: datetime) -> str:
    """How far a model is, how long it took, what it cost: `Done · 14 s · $0.0421`."""
    facts = []
    if column.here:
        facts.append(_state(column))
        spent = ((column.ended_at or now) - column.began_at).total_seconds()
        if column.state == "running" or spent >= 1:
            facts.append(elapsed(spent))
    if column.state != "running" and (column.done or column.cost is not None):
        facts.append(cost_after(column.cost))
    return _SEPARATOR.join(facts)


def _state(column: Column) -> str:
    whole = len(column.cards)
    if column.state == "running":
        if column.done:
            return tr("{done} of {whole} done", done=column.done, whole=whole)
        return tr("Waiting") if column.fraction is None else tr("Taking shape")
    return {
        "done": tr("Done"),
        "failed": tr("Failed"),
        "cancelled": tr("Cancelled"),
    }[column.state]


def card_line(card: Card) -> str:
    """What stands below a picture while nobody points at it."""
    if card.deleted:
        return tr("Deleted")
    if card.image is not None:
        return f"{card.image.width} × {card.image.height}"
    if card.step:
        if card.steps > 1 or card.step > 1:
            return tr("Early preview {step} of {steps}", step=card.step, steps=max(card.step, card.steps))
        return tr("Early preview")
    return tr("Not begun yet") if card.live else tr("No picture")


def card_name(number: int, model: str, prompt: str) -> str:
    """What a screen reader says of a picture."""
    words = prompt if len(prompt) <= 80 else f"{prompt[:79]}…"
    return tr("Picture {number} of {model}: {prompt}", number=number, model=model, prompt=words)


def end_words(column: Column) -> str:
    """Said when a run is over."""
    if column.state == "failed" and column.error is not None:
        return tr("{model}: {error}", model=column.name, error=str(column.error))
    if column.state == "cancelled":
        return tr("{model}: cancelled", model=column.name)
    made = tr_count("{n} picture", "{n} pictures", column.done)
    return tr("{model}: {pictures} done", model=column.name, pictures=made)


def running_line(blocks: tuple[Block, ...]) -> str:
    """How many requests go on, for the line above all; empty where none does."""
    running = sum(len(block.running) for block in blocks)
    return tr_count("{n} request goes on", "{n} requests go on", running) if running else ""


def starters() -> tuple[str, ...]:
    """Prompts to begin with."""
    return (
        tr("A lighthouse on a cliff at dusk, long exposure, soft fog"),
        tr("An isometric cutaway of a tiny bookshop, warm light"),
        tr("A botanical plate of a lemon branch, ink and watercolour"),
        tr("A flat poster of a night train crossing mountains"),
    )
