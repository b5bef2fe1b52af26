"""Sizes, times and steps of an Ollama server, as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDateTime, QLocale

from aiproxy_desktop.core.administration import DeletionSpace, PullProgress, RunningModel
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.ui.chat.conversation.facts import file_size
from aiproxy_desktop.ui.translation import tr, tr_count

# The server writes a date some centuries ahead for a model that is never unloaded.
_FOR_EVER = timedelta(days=3650)
_SHARED_SHOWN = 2


def memory_words(model: RunningModel) -> str:
    """How much memory a loaded model takes, and how much of it is the graphics card's."""
    if model.size_bytes is None:
        return tr("Memory unknown")
    size = file_size(model.size_bytes)
    if model.vram_bytes is None:
        return size
    share = min(100, round(100 * model.vram_bytes / model.size_bytes))
    if not share:
        return tr("{size}, none of it on a graphics card", size=size)
    if share == 100:
        return tr("{size}, all on the graphics card", size=size)
    return tr("{size}, {share} % on the graphics card", size=size, share=share)


def until_words(moment: datetime | None, now: datetime | None = None) -> str:
    """Until when a model stays loaded: `until 14:05`, with the date where that is not within a day."""
    if moment is None:
        return tr("until when is unknown")
    left = moment - (now or datetime.now(UTC))
    if left > _FOR_EVER:
        return tr("for ever")
    if left <= timedelta():
        return tr("about to be unloaded")
    local = QDateTime.fromSecsSinceEpoch(round(moment.timestamp()))
    short = QLocale.FormatType.ShortFormat
    if left < timedelta(days=1):
        return tr("until {time}", time=QLocale().toString(local.time(), short))
    return tr("until {time}", time=QLocale().toString(local, short))


def deletion_question(model: str, space: DeletionSpace | None) -> str:
    """What is asked before a model goes. `space` is None while it is being worked out."""
    name = model.removesuffix(":latest")
    if space is None:
        return tr("Delete {model}?", model=name)
    others = [other.removesuffix(":latest") for other in space.shared_with]
    shown = ", ".join(others[:_SHARED_SHOWN]) + (", …" if len(others) > _SHARED_SHOWN else "")
    if others and not space.freed_bytes:
        return tr_count(
            "Delete {model}? Frees nothing: {others} needs the same files.",
            "Delete {model}? Frees nothing: {others} need the same files.",
            len(others),
            model=name,
            others=shown,
        )
    if space.freed_bytes is None:
        return tr("Delete {model}? How much that frees is unknown.", model=name)
    size = file_size(space.freed_bytes)
    if others:
        return tr_count(
            "Delete {model}? Frees {size}; {others} needs the rest.",
            "Delete {model}? Frees {size}; {others} need the rest.",
            len(others),
            model=name,
            size=size,
            others=shown,
        )
    return tr("Delete {model}? Frees {size}.", model=name, size=size)


def step_words(step: PullProgress) -> str:
    """One step of making a model."""
    words = {
        "reading": tr("Reading the file"),
        "uploading": tr("Sending the file"),
        "parsing GGUF": tr("Reading the model"),
        "writing manifest": tr("Writing the model"),
        "verifying sha256 digest": tr("Checking what came"),
        "pulling manifest": tr("Looking the model up"),
        "success": tr("Done"),
    }
    status = step.status
    if status not in words and " layer" in status:
        return tr("Putting the parts together")
    said = words.get(status, status[:80])
    if step.total and step.completed is not None and step.completed < step.total:
        done, total = file_size(step.completed), file_size(step.total)
        return tr("{step}: {done} of {total}", step=said, done=done, total=total)
    return said


def sentence(error: AIProxyError) -> str:
    """What went wrong and what to do, as one text."""
    return f"{error.title}. {error.advice}" if error.advice else f"{error.title}."
