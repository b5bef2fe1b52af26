"""What the first page says: which model answers, what else was found, what to begin with. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.ui.chat.facts import count
from aiproxy_desktop.ui.chat.models import Availability, Choice

InfoAction: TypeAlias = Literal["use", "look", "settings"]

STARTERS = (
    "Explain a hash map in three sentences",
    "Write a polite note to a neighbour about noise",
    "Turn a list of names and dates into a table",
    "Suggest five titles for a talk on soil",
)


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


def welcome_line(choice: Choice | None, states: Sequence[ProviderState], *, nothing_usable: bool) -> str:
    """The sentence under the heading: who answers, and from where."""
    if nothing_usable:
        return "No model is ready yet. Add a key, or start Ollama on this computer."
    if choice is None:
        return "Looking for models on this computer."
    name = choice.name
    if choice.provider == "builtin":
        if choice.availability == "ready":
            return f"{name} is built in and ready. It runs on this computer, offline."
        if choice.availability == "busy":
            return f"{name} is built in and getting ready. You can write already."
        return f"{name} is built in but could not be started. {_advice(choice, states)}".rstrip()
    if choice.availability == "busy":
        return f"{name} answers, once {choice.provider_label} has been found."
    if choice.availability == "ready":
        where = "on this computer" if choice.local else f"through {choice.provider_label}"
        return f"{name} answers, {where}."
    return f"{choice.provider_label} is not ready, so {name} cannot answer now."


def info_rows(states: Sequence[ProviderState], keyring: KeyringStatus | None) -> list[InfoRow]:
    """What a newcomer should know about: Ollama, and the providers that need a key."""
    rows = [_ollama_row(state) for state in states if state.kind == "ollama"]
    keyless = [state.label for state in states if state.status == "no_key" and state.kind != "plugin"]
    if keyless:
        keyless = [*keyless, "others"] if len(keyless) > 1 else keyless
        verb = "needs" if len(keyless) == 1 else "need"
        rows.append(
            InfoRow(
                "keys", "off", f"{listed(keyless)} {verb} a key", _keys_kept(keyring), "settings", "Add a key"
            )
        )
    return rows


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _ollama_row(state: ProviderState) -> InfoRow:
    if state.status == "checking":
        return InfoRow("ollama", "busy", "Looking for Ollama", state.detail, "look", "")
    if state.status != "ready":
        return InfoRow(
            "ollama",
            "off",
            "Ollama was not found",
            "Start it, or get it from ollama.com, to use larger models on this computer",
            "look",
            "Look again",
            state.id,
        )
    if not state.models:
        return InfoRow(
            "ollama",
            "ready",
            "Ollama found, no models yet",
            "Run “ollama pull llama3.2” in a terminal, then look again",
            "look",
            "Look again",
            state.id,
        )
    first = state.models[0]
    return InfoRow(
        "ollama",
        "ready",
        f"Ollama found, {count(len(state.models), 'model')}",
        _found(state.models),
        "use",
        f"Use {first.display_name}",
        first.reference,
    )


def _found(models: Sequence[ModelInfo]) -> str:
    names = [model.display_name for model in models]
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} more"]
    return f"{listed(names)}, also on this computer" if models[0].local else listed(names)


def _keys_kept(keyring: KeyringStatus | None) -> str:
    if keyring is not None and not keyring.available:
        return "There is no keyring here, so a key is kept until the window closes"
    name = keyring.name if keyring is not None and keyring.name else "the system keyring"
    return f"It is kept in {name}, never in a file"


def _advice(choice: Choice, states: Sequence[ProviderState]) -> str:
    return next((state.advice for state in states if state.id == choice.provider), "")
