"""What the chosen model cannot take of what is attached, and which models could. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiproxy_desktop.core.compatibility import alternatives, check
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart, Message
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.selection import ranked
from aiproxy_desktop.services.attaching import total_tokens
from aiproxy_desktop.services.provider_states import chats
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.ui.chat.models.rows import Choice, choose
from aiproxy_desktop.ui.translation import tr, tr_count

# Buttons beside the sentence.
MOST_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence or two, and models to switch to: references and names, those that are ready first.

    `blocks`: what is attached cannot be sent to the chosen model at all; `refusal` says that alone.
    """

    sentence: str
    models: tuple[tuple[str, str], ...] = ()
    blocks: bool = True
    refusal: str = ""


def advise(
    choice: Choice | None, states: Sequence[ProviderState], attachments: Sequence[Attachment]
) -> Advice | None:
    """What to say; None where the model takes everything, or nobody knows that it does not."""
    model = _model(choice, states)
    if choice is None or model is None or not attachments:
        return None
    request = _request(model, attachments)
    refused = [problem for problem in check(model, request) if problem.refused and problem.part in _words()]
    if not refused:
        return _too_long(choice, model, attachments)
    lacking = [problem for problem in refused if _takes_none(model, problem.part)]
    if lacking:
        kinds = _listed([_words()[problem.part] for problem in lacking])
        said = tr("{model} does not read {kinds}.", model=choice.name, kinds=kinds)
    else:
        said = f"{refused[0].title}. {refused[0].advice}".strip()
    able = _able(model, request, states)
    offered = tuple((one.reference, one.display_name) for one in able[:MOST_OFFERED])
    return Advice(f"{said} {_who_does(able)}", offered, refusal=said)


def advise_all(
    compared: Sequence[str], states: Sequence[ProviderState], attachments: Sequence[Attachment]
) -> Advice | None:
    """The same of several models that are asked at once, by their references: what each of them refuses."""
    found = [advise(choose(states, reference, None), states, attachments) for reference in compared]
    refused = [one.refusal for one in found if one is not None and one.blocks]
    if not refused:
        return next((one for one in found if one is not None), None)
    return Advice(f"{' '.join(refused)} {tr('Compare others, or send it without.')}")


def _too_long(choice: Choice, model: ModelInfo, attachments: Sequence[Attachment]) -> Advice | None:
    tokens, window = total_tokens(attachments, model.maker), model.context_window
    if tokens is None or window is None or tokens <= window:
        return None
    # An estimate: worth a word, no reason to refuse.
    return Advice(
        tr(
            "That is about {tokens} tokens, and {model} reads at most {window}.",
            tokens=f"{tokens:,}",
            model=choice.name,
            window=f"{window:,}",
        ),
        blocks=False,
    )


def _model(choice: Choice | None, states: Sequence[ProviderState]) -> ModelInfo | None:
    if choice is None:
        return None
    found = (model for state in states for model in state.models if model.reference == choice.reference)
    return next(found, None)


def _request(model: ModelInfo, attachments: Sequence[Attachment]) -> CompletionRequest:
    """The question as it would be sent, without bytes, each type once. Text goes as text, to everyone."""
    kinds = dict.fromkeys((one.kind, one.mime) for one in attachments if one.kind != "text")
    parts = tuple(MediaPart(kind, mime, b"") for kind, mime in kinds)
    return CompletionRequest(model.id, (Message("user", parts),))


def _takes_none(model: ModelInfo, part: str) -> bool:
    """Whether it takes nothing of a kind, rather than not this type of it."""
    able = model.capabilities
    known = {"image": able.vision, "audio": able.audio, "video": able.video, "document": able.documents}
    return known[part] is False


def _able(model: ModelInfo, request: CompletionRequest, states: Sequence[ProviderState]) -> list[ModelInfo]:
    """Models that are known to take all of it: those that are ready before the rest, best first."""
    found: list[ModelInfo] = []
    for ready in (True, False):
        known = [
            other
            for state in states
            if (state.status == "ready") is ready
            for other in state.models
            if chats(other) and alternatives(model, request, (other,))
        ]
        found += ranked(known)
    return found


def _who_does(able: Sequence[ModelInfo]) -> str:
    if not able:
        return tr("No model at hand is known to: add one that does, or send it without.")
    first = able[0].display_name
    if len(able) == 1:
        return tr("{model} does.", model=first)
    return tr_count("{model} and {n} other do.", "{model} and {n} others do.", len(able) - 1, model=first)


def _words() -> dict[str, str]:
    return {
        "image": tr("images"),
        "audio": tr("sound"),
        "video": tr("films"),
        "document": tr("PDF"),
    }


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return tr("{first} or {last}", first=", ".join(words[:-1]), last=words[-1])
