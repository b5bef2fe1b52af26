"""What the strip and the panel say of a provider, worked out from its state. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from aiproxy_desktop.services.provider_presets import Preset, label_of
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.ui.moments import ago, clock_time
from aiproxy_desktop.ui.settings.rows import (
    ActionId,
    DotName,
    RowAction,
    again_sentence,
    dot_of,
    keyring_name,
)
from aiproxy_desktop.ui.translation import tr, tr_count

Tone = Literal["muted", "success", "danger"]


@dataclass(frozen=True, slots=True)
class StripItem:
    """One provider in the strip. `action` mends what is wrong, and is empty where nothing is."""

    id: str
    label: str
    dot: DotName
    word: str
    tone: Tone = "muted"
    action: ActionId | Literal[""] = ""
    action_label: str = ""
    usable: bool = False

    @property
    def spoken(self) -> str:
        """For a screen reader, and the menu of those that find no room."""
        return f"{self.label}, {self.word}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the panel."""

    name: str
    value: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class ProviderView:
    """All that the panel shows of one provider.

    `sentence` says how it stands and `advice` what to do. `actions` are for the provider as a whole,
    `key_actions` for its key, `question` waits for a yes or no of `answers`.
    """

    id: str
    label: str
    kind: str
    dot: DotName
    sentence: str
    advice: str
    tone: Tone
    facts: tuple[Fact, ...]
    actions: tuple[RowAction, ...]
    key_line: str = ""
    key_actions: tuple[RowAction, ...] = ()
    question: str = ""
    answers: tuple[RowAction, ...] = ()


def strip_item(state: ProviderState) -> StripItem:
    """A provider in the strip."""
    action, label = _mend(state)
    broken = state.status in {"unreachable", "rejected", "error"} and dot_of(state) == "broken"
    return StripItem(
        state.id,
        state.label,
        dot_of(state),
        _word(state),
        "danger" if broken else "muted",
        action,
        label,
        state.status in {"ready", "rate_limited"} or (state.status == "checking" and bool(state.models)),
    )


def provider_view(
    state: ProviderState,
    keyring: KeyringStatus,
    *,
    tested: str,
    confirming: bool,
    now: datetime | None = None,
) -> ProviderView:
    """A provider in the panel.

    Args:
        state: as the service knows it.
        keyring: where keys are kept.
        tested: the outcome of a test just made, or empty.
        confirming: whether its removal, or that of its key, waits for a yes.
        now: for what lies some time back.
    """
    sentence, advice, tone = _sentence(state, tested)
    question, answers = _question(state, keyring) if confirming else ("", ())
    return ProviderView(
        state.id,
        state.label,
        state.kind,
        dot_of(state),
        sentence,
        advice,
        tone,
        _facts(state, now),
        _actions(state),
        _key_line(state, keyring),
        _key_actions(state, keyring),
        question,
        answers,
    )


def preset_label(preset: Preset) -> str:
    """What a person calls a kind of provider."""
    return preset.label or tr("Other OpenAI-compatible server")


def preset_place(preset: Preset) -> str:
    """Where it runs."""
    return {"local": tr("This computer"), "other": ""}.get(preset.group, tr("Cloud"))


def _word(state: ProviderState) -> str:
    if state.status == "checking" and not state.models:
        return tr("Checking")
    if state.status in {"ready", "checking", "no_model"}:
        return tr_count("{n} model", "{n} models", len(state.models))
    if state.kind == "ollama" and state.status == "unreachable":
        return tr("Not running")
    words = {
        "no_key": tr("No key"),
        "rejected": tr("Key refused"),
        "unreachable": tr("Unreachable"),
        "rate_limited": tr("Limited"),
    }
    return words.get(state.status, tr("Failed"))


def _mend(state: ProviderState) -> tuple[ActionId | Literal[""], str]:
    if state.status == "no_key":
        return "addKey", tr("Add key")
    if state.status == "rejected":
        return "changeKey", tr("Change key")
    if state.status == "rate_limited" and state.until is not None and state.until > datetime.now(UTC):
        return "test", tr("Try again at {time}", time=clock_time(state.until))
    if state.status in {"unreachable", "error", "rate_limited"}:
        return "test", tr("Retry")
    return "", ""


def _sentence(state: ProviderState, tested: str) -> tuple[str, str, Tone]:
    if tested and state.status == "ready":
        return tested, "", "success"
    if state.status == "rate_limited":
        return state.detail, again_sentence(state), "muted"
    advice = state.advice
    if state.status == "unreachable" and state.models:
        advice = " ".join(filter(None, (advice, tr("Its last known models are shown."))))
    wrong = dot_of(state) == "broken"
    return (
        state.detail,
        advice if state.status not in {"ready", "checking"} else "",
        ("danger" if wrong else "muted"),
    )


def _facts(state: ProviderState, now: datetime | None) -> tuple[Fact, ...]:
    unknown = tr("Unknown")
    facts = [
        Fact(tr("Models"), f"{len(state.models):,}" if state.listed_at else unknown, not state.listed_at)
    ]
    if state.listed_at is not None:
        facts.append(Fact(tr("Listed"), ago(state.listed_at, now)))
    if state.milliseconds is not None and state.answered_at is not None and state.kind != "builtin":
        when = ago(state.answered_at, now)
        facts.append(Fact(tr("Answered"), tr("in {ms} ms, {when}", ms=f"{state.milliseconds:,}", when=when)))
    if state.vendor:
        facts.append(Fact(tr("Vendor"), label_of(state.vendor) or state.vendor))
    if state.base_url:
        facts.append(Fact(tr("Address"), state.base_url))
    return tuple(facts)


def _actions(state: ProviderState) -> tuple[RowAction, ...]:
    name = state.label
    busy = state.status == "checking"
    label = tr("Testing…") if busy else tr("Retry") if _mend(state)[0] == "test" else tr("Test")
    found = (
        []
        if state.status in {"no_key", "no_model"}
        else [_action("test", label, tr("Test {name}", name=name), "secondary")]
    )
    if state.status in {"ready", "checking"}:
        found.append(_action("refresh", tr("Refresh"), tr("Ask {name} for its models", name=name)))
    if state.kind == "endpoint":
        found += [
            _action("edit", tr("Edit"), tr("Edit {name}", name=name)),
            _action("remove", tr("Remove"), tr("Remove {name}", name=name)),
        ]
    return tuple(found)


def _key_line(state: ProviderState, keyring: KeyringStatus) -> str:
    if state.kind in {"ollama", "builtin", "plugin"}:
        return ""
    if state.key_source is None:
        return tr("No key") if state.needs_key else tr("No key needed")
    if state.key_source == "environment" and state.key_variable:
        return tr("{variable}, from the environment", variable=state.key_variable)
    places = {"session": tr("kept until you close the app"), "environment": tr("from the environment")}
    place = places.get(state.key_source) or tr("in {keyring}", keyring=keyring_name(keyring))
    return ", ".join(filter(None, (f"•••• {state.key_hint}" if state.key_hint else "", place)))


def _key_actions(state: ProviderState, keyring: KeyringStatus) -> tuple[RowAction, ...]:
    if state.kind in {"ollama", "builtin", "plugin"}:
        return ()
    name = state.label
    if state.key_source is None:
        return (_action("addKey", tr("Add key"), tr("Add a key for {provider}", provider=name), "secondary"),)
    change = _action(
        "changeKey", tr("Change key"), tr("Change the key for {provider}", provider=name), "secondary"
    )
    if state.key_source == "environment":
        store = _action(
            "storeKey", tr("Store in keyring"), tr("Store the {provider} key in the keyring", provider=name)
        )
        return (change, store) if keyring.available else (change,)
    remove = _action("removeKey", tr("Remove key"), tr("Remove the key for {provider}", provider=name))
    return change, remove


def _question(state: ProviderState, keyring: KeyringStatus) -> tuple[str, tuple[RowAction, ...]]:
    """Before a key goes."""
    place = keyring_name(keyring) if state.key_source == "keyring" else tr("memory")
    return tr("Remove the key from {place}?", place=place), (
        _action("keepKey", tr("Keep"), tr("Keep the key for {provider}", provider=state.label), "secondary"),
        _action(
            "confirmRemoveKey",
            tr("Remove key"),
            tr("Remove the key for {provider}", provider=state.label),
            "danger",
        ),
    )


def removal_question(state: ProviderState) -> tuple[str, tuple[RowAction, ...]]:
    """Before an endpoint goes."""
    keyed = state.needs_key or state.key_source is not None
    text = tr("Remove this provider and its key?") if keyed else tr("Remove this provider?")
    return text, (
        _action("keep", tr("Keep"), tr("Keep {name}", name=state.label), "secondary"),
        _action("confirmRemove", tr("Remove"), tr("Remove {name}", name=state.label), "danger"),
    )


def _action(
    action: ActionId,
    label: str,
    spoken: str,
    kind: Literal["secondary", "quiet", "danger"] = "quiet",
) -> RowAction:
    return RowAction(action, label, kind, accessible_name=spoken)
