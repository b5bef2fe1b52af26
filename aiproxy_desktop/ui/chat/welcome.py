"""What the first page says: which model answers, what else was found, what to begin with. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.ui.chat.models.rows import Availability, Choice, runs_here
from aiproxy_desktop.ui.translation import tr, tr_count

InfoAction: TypeAlias = Literal["use", "look", "settings"]


@dataclass(frozen=True, slots=True)
class InfoRow:
    """One row: what was found or is missing, and the one thing to do about it.

    `argument` is a model's reference for "use" and a provider's id for "look".
    """

    key: str
    availability: Availability
    title: str
    detail: str
    action: InfoAction
    label: str
    argument: str = ""


def starters() -> tuple[str, ...]:
    """Questions to begin with."""
    return (
        tr("Explain a hash map in three sentences"),
        tr("Write a polite note to a neighbour about noise"),
        tr("Turn a list of names and dates into a table"),
        tr("Suggest five titles for a talk on soil"),
    )


def welcome_line(choice: Choice | None, states: Sequence[ProviderState], *, nothing_usable: bool) -> str:
    """The sentence under the heading: who answers, and from where."""
    if nothing_usable:
        return tr("No model is ready yet. Add a key or a model file, or start Ollama on this computer.")
    if choice is None:
        return tr("Looking for models on this computer.")
    name = choice.name
    if choice.provider == "builtin":
        if choice.availability == "ready":
            return tr("{model} is built in and ready. It runs on this computer, offline.", model=name)
        if choice.availability == "busy":
            return tr("{model} is built in and getting ready. You can write already.", model=name)
        said = tr("{model} is built in but could not be started.", model=name)
        return f"{said} {_advice(choice, states)}".rstrip()
    if choice.availability == "busy":
        return tr(
            "{model} answers, once {provider} has been found.", model=name, provider=choice.provider_label
        )
    if choice.availability == "ready":
        if choice.local:
            return tr("{model} answers, on this computer.", model=name)
        return tr("{model} answers, through {provider}.", model=name, provider=choice.provider_label)
    return tr(
        "{provider} is not ready, so {model} cannot answer now.", provider=choice.provider_label, model=name
    )


def info_rows(states: Sequence[ProviderState], keyring: KeyringStatus | None) -> list[InfoRow]:
    """What a newcomer should know about: Ollama, and the providers that need a key."""
    # Others than the usual server are there because the person added them.
    rows = [_ollama_row(state) for state in states if state.id == "ollama"]
    keyless = [state.label for state in states if state.status == "no_key" and state.kind != "plugin"]
    if keyless:
        keyless = [*keyless, tr("others")] if len(keyless) > 1 else keyless
        said = tr_count("{names} needs a key", "{names} need a key", len(keyless), names=listed(keyless))
        rows.append(InfoRow("keys", "off", said, _keys_kept(keyring), "settings", tr("Add a key")))
    return rows


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return tr("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])


def _ollama_row(state: ProviderState) -> InfoRow:
    if state.status == "checking":
        return InfoRow("ollama", "busy", tr("Looking for Ollama"), state.detail, "look", "")
    if state.status != "ready":
        return InfoRow(
            "ollama",
            "off",
            tr("Ollama was not found"),
            tr("Start it, or get it from ollama.com, to use larger models on this computer"),
            "look",
            tr("Look again"),
            state.id,
        )
    if not state.models:
        return InfoRow(
            "ollama",
            "ready",
            tr("Ollama found, no models yet"),
            tr("Run “{command}” in a terminal, then look again", command="ollama pull llama3.2"),
            "look",
            tr("Look again"),
            state.id,
        )
    first = state.models[0]
    return InfoRow(
        "ollama",
        "ready",
        tr_count("Ollama found, {n} model", "Ollama found, {n} models", len(state.models)),
        _found(state),
        "use",
        tr("Use {model}", model=first.display_name),
        first.reference,
    )


def _found(state: ProviderState) -> str:
    names = [model.display_name for model in state.models]
    if len(names) > 3:
        names = [*names[:2], tr_count("{n} more", "{n} more", len(names) - 2)]
    if runs_here(state, state.models[0]):
        return tr("{models}, also on this computer", models=listed(names))
    return listed(names)


def _keys_kept(keyring: KeyringStatus | None) -> str:
    if keyring is not None and not keyring.available:
        return tr("There is no keyring here, so a key is kept until the window closes")
    name = keyring.name if keyring is not None and keyring.name else tr("the system keyring")
    return tr("It is kept in {keyring}, never in a file", keyring=name)


def _advice(choice: Choice, states: Sequence[ProviderState]) -> str:
    return next((state.advice for state in states if state.id == choice.provider), "")
