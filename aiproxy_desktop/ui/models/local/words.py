"""What is said of a built-in model. No Qt here."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from aiproxy_desktop.core.providers.builtin.memory import Fit
from aiproxy_desktop.services.local_models import Added, LocalFile
from aiproxy_desktop.ui.chat.conversation.facts import file_size
from aiproxy_desktop.ui.translation import tr, tr_count

FitTone: TypeAlias = Literal["secondary", "warning", "danger", "muted"]

_MOST_TOLD = 2
_TONES: dict[str, FitTone] = {
    "fits": "secondary",
    "tight": "warning",
    "too_large": "danger",
    "unknown": "muted",
}


class FitLine(NamedTuple):
    """Whether a model fits, in a sentence or two."""

    text: str
    tone: FitTone


def tokens_words(count: int) -> str:
    """A number of tokens."""
    return tr_count("{n} token", "{n} tokens", count)


def facts_line(file: LocalFile) -> str:
    """Size, rounding, parameters and licence, as far as they are known."""
    parameters = tr("{count} parameters", count=file.parameters) if file.parameters else ""
    facts = (file_size(file.size), file.quantization, parameters, file.license)
    return " · ".join(fact for fact in facts if fact)


def fit_line(file: LocalFile, context: int) -> FitLine:
    """Whether a model fits with a context (in tokens), and what would help where it does not."""
    fit = file.fit_at(context)
    tone = _TONES[fit.verdict]
    if fit.verdict == "too_large" and fit.total is not None:
        return FitLine(f"{_too_large(fit, fit.total)} {_help(file, context)}", tone)
    if fit.needed is None:
        return FitLine(tr("How much memory it needs is unknown."), tone)
    needed = file_size(fit.needed)
    if fit.available is None:
        return FitLine(tr("Needs about {needed}; how much is free is unknown.", needed=needed), tone)
    free = file_size(fit.available)
    if fit.verdict == "fits":
        return FitLine(tr("Needs about {needed}; {free} are free.", needed=needed, free=free), tone)
    if fit.needed > fit.available:
        said = tr("Needs about {needed}; only {free} are free.", needed=needed, free=free)
    else:
        said = tr("Needs about {needed}, nearly all of the {free} that are free.", needed=needed, free=free)
    smaller = _smaller(file, context)
    if smaller is None:
        return FitLine(f"{said} {tr('Close other programs first, or it will be slow.')}", tone)
    advice = tr("Close other programs first, or choose a context of {tokens}.", tokens=tokens_words(smaller))
    return FitLine(f"{said} {advice}", tone)


def added_lines(added: Added) -> tuple[str, ...]:
    """What became of files that were given, a line for each toast."""
    lines = [*_new(added.files)]
    lines += [tr("{name} is already here.", name=name) for name in added.already[:_MOST_TOLD]]
    lines += [str(error) for error in added.refused[:_MOST_TOLD]]
    more = len(added.already[_MOST_TOLD:]) + len(added.refused[_MOST_TOLD:])
    if more:
        lines.append(tr_count("{n} more file was left out.", "{n} more files were left out.", more))
    return tuple(lines)


def _new(files: tuple[LocalFile, ...]) -> list[str]:
    if len(files) > 1:
        return [tr_count("{n} model added.", "{n} models added.", len(files))]
    lines = []
    for file in files:
        line = tr("“{name}” is added.", name=file.name)
        fit = fit_line(file, file.context)
        lines.append(f"{line} {fit.text}" if fit.tone in {"warning", "danger"} else line)
    return lines


def _too_large(fit: Fit, total: int) -> str:
    if fit.needed is None:
        return tr("It is larger than the {total} of this computer.", total=file_size(total))
    needed = file_size(fit.needed)
    if fit.needed <= total or needed == file_size(total):
        return tr("Needs about {needed}, which is all that this computer has.", needed=needed)
    return tr("Needs about {needed}; this computer has {total}.", needed=needed, total=file_size(total))


def _help(file: LocalFile, context: int) -> str:
    smaller = _smaller(file, context)
    if smaller is not None:
        return tr("A context of {tokens} fits.", tokens=tokens_words(smaller))
    return tr("Add a smaller model, or the same one with a lower quantisation.")


def _smaller(file: LocalFile, context: int) -> int | None:
    best = file.comfortable_context
    return best if best is not None and best < context else None
