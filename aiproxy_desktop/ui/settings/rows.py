"""What a row of the providers page shows, worked out from a provider's state. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.ui.moments import clock_time
from aiproxy_desktop.ui.translation import tr

DotName = Literal["ready", "off", "broken", "busy"]
ActionId = Literal[
    "test",
    "addKey",
    "changeKey",
    "refresh",
    "storeKey",
    "removeKey",
    "keepKey",
    "confirmRemoveKey",
    "changeHost",
    "addModelFile",
    "edit",
    "remove",
    "keep",
    "confirmRemove",
]

_DOTS: dict[str, DotName] = {
    "checking": "busy",
    "ready": "ready",
    "no_key": "off",
    "no_model": "off",
    "unreachable": "broken",
    "rate_limited": "busy",
    "rejected": "broken",
    "error": "broken",
}


@dataclass(frozen=True, slots=True)
class RowAction:
    """One button of a row. `place` is the column: `test`, or `end` beside the edge."""

    id: ActionId
    label: str
    kind: Literal["secondary", "quiet", "danger"] = "quiet"
    place: Literal["test", "end"] = "end"
    accessible_name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, ready to draw."""

    id: str
    label: str
    dot: DotName
    detail: str
    tone: Literal["muted", "success", "danger"] = "muted"
    key_line: str = ""
    key_note: str = ""
    key_is_code: bool = False
    actions: tuple[RowAction, ...] = ()


@dataclass(frozen=True, slots=True)
class RowContext:
    """What else decides about a row.

    `confirming` is set while its removal waits for a yes; `editing` while its editor is open; `tested` is
    the outcome of a test just made.
    """

    keyring: KeyringStatus
    confirming: bool = False
    tested: str = ""
    editing: bool = False


def keyring_name(status: KeyringStatus) -> str:
    """What a person calls the keyring."""
    return status.name or tr("the system keyring")


def key_place_sentence(status: KeyringStatus | None) -> str:
    """Where a key that is typed now will be kept."""
    if status is None:
        return tr("Looking for a keyring on this system.")
    if status.available:
        return tr("It is kept in {keyring}, never in a file.", keyring=keyring_name(status))
    if status.name:
        return tr("{reason} The key is kept until you close the app.", reason=status.reason)
    return tr("No keyring was found on this system. The key is kept until you close the app.")


def keys_sentence(status: KeyringStatus | None) -> str:
    """The line below the title of the page."""
    if status is None:
        return tr("Keys never go into a file, a log or an export.")
    if status.available:
        return tr(
            "Keys are kept in {keyring}. They never go into a file, a log or an export.",
            keyring=keyring_name(status),
        )
    reason = status.reason or tr("No keyring was found on this system.")
    return tr("{reason} Keys are kept until you close the app, and never go into a file.", reason=reason)


def provider_row(state: ProviderState, context: RowContext) -> Row:
    """A row of the first card."""
    key_line, key_note, is_code = _key_columns(state, context)
    if context.confirming:
        where = keyring_name(context.keyring) if state.key_source == "keyring" else tr("memory")
        return Row(
            state.id,
            state.label,
            dot_of(state),
            tr("Remove the key from {place}?", place=where),
            "danger",
            actions=(
                RowAction(
                    "keepKey",
                    tr("Keep"),
                    accessible_name=tr("Keep the key for {provider}", provider=state.label),
                ),
                RowAction(
                    "confirmRemoveKey",
                    tr("Remove key"),
                    "danger",
                    accessible_name=tr("Remove the key for {provider}", provider=state.label),
                ),
            ),
        )
    detail, tone = _detail(state, context)
    return Row(
        state.id,
        state.label,
        dot_of(state),
        detail,
        tone,
        key_line,
        key_note,
        is_code,
        () if context.editing else _provider_actions(state, context),
    )


def dot_of(state: ProviderState) -> DotName:
    """Filled where it is usable, a ring where it is not set up, red where it is broken."""
    # Most computers have no Ollama: that is nothing to be alarmed about.
    return "off" if state.kind == "ollama" and state.status == "unreachable" else _DOTS[state.status]


def endpoint_row(state: ProviderState, context: RowContext) -> Row:
    """A row of the second card."""
    if context.confirming:
        return Row(
            state.id,
            state.label,
            dot_of(state),
            tr("Remove this endpoint and its key?")
            if state.needs_key or state.key_source
            else tr("Remove this endpoint?"),
            "danger",
            actions=(
                RowAction("keep", tr("Keep"), accessible_name=tr("Keep {name}", name=state.label)),
                RowAction(
                    "confirmRemove",
                    tr("Remove"),
                    "danger",
                    accessible_name=tr("Remove {name}", name=state.label),
                ),
            ),
        )
    detail, tone = _detail(state, context)
    return Row(
        state.id,
        state.label,
        dot_of(state),
        detail,
        tone,
        actions=(
            _test(state),
            RowAction("edit", tr("Edit"), accessible_name=tr("Edit {name}", name=state.label)),
            RowAction("remove", tr("Remove"), accessible_name=tr("Remove {name}", name=state.label)),
        ),
    )


def _detail(state: ProviderState, context: RowContext) -> tuple[str, Literal["muted", "success", "danger"]]:
    if context.tested and state.status == "ready":
        return context.tested, "success"
    if state.status in {"rejected", "error"} or (state.status == "unreachable" and state.kind != "ollama"):
        return f"{state.detail}. {state.advice}".removesuffix(". "), "danger"
    if state.status == "no_model":
        return f"{state.detail}. {state.advice}".removesuffix(". "), "muted"
    if state.status == "rate_limited":
        return f"{state.detail}. {again_sentence(state)}", "muted"
    return state.detail, "muted"


def again_sentence(state: ProviderState) -> str:
    """When a provider that limits requests is asked again."""
    if state.until is None:
        return tr("It is asked again in a minute.")
    if state.until <= datetime.now(UTC):
        return tr("It is asked again now.")
    return tr("It is asked again at {time}.", time=clock_time(state.until))


def _key_columns(state: ProviderState, context: RowContext) -> tuple[str, str, bool]:
    if state.kind in {"ollama", "builtin"}:
        return "", tr("No key needed"), False
    if state.kind == "plugin":
        return "", "", False
    if state.key_source is None:
        return "", "", False
    if state.key_source == "environment" and state.key_variable:
        return state.key_variable, tr("from the environment"), False
    places = {"session": tr("until you close the app"), "environment": tr("from the environment")}
    place = places.get(state.key_source) or tr("in {keyring}", keyring=keyring_name(context.keyring))
    return f"•••• {state.key_hint}".rstrip(), place, True


def _test(state: ProviderState) -> RowAction:
    if state.status == "checking":
        label, spoken = tr("Testing…"), tr("Testing {name}", name=state.label)
    elif _DOTS[state.status] == "broken":
        label, spoken = tr("Retry"), tr("Retry {name}", name=state.label)
    else:
        label, spoken = tr("Test"), tr("Test {name}", name=state.label)
    return RowAction("test", label, "secondary", "test", spoken)


def _provider_actions(state: ProviderState, context: RowContext) -> tuple[RowAction, ...]:
    if state.kind == "ollama" and state.id != "ollama":
        return (_test(state),)  # it was added in the models tab, and is changed there
    if state.kind == "ollama":
        retry = (_test(state),) if state.status in {"unreachable", "error"} else ()
        return (
            *retry,
            RowAction("changeHost", tr("Change host"), accessible_name=tr("Change the Ollama host")),
        )
    if state.kind == "builtin":
        return (RowAction("addModelFile", tr("Add a model file")),)
    if state.kind == "plugin":
        return (_test(state),)
    if state.key_source is None:
        return (
            RowAction(
                "addKey",
                tr("Add key"),
                "secondary",
                accessible_name=tr("Add a key for {provider}", provider=state.label),
            ),
        )
    if state.key_source == "environment":
        store = RowAction(
            "storeKey",
            tr("Store in keyring"),
            accessible_name=tr("Store the {provider} key in the keyring", provider=state.label),
        )
        return (_test(state), store) if context.keyring.available else (_test(state),)
    remove = RowAction(
        "removeKey", tr("Remove"), accessible_name=tr("Remove the key for {provider}", provider=state.label)
    )
    return (_test(state), remove)
