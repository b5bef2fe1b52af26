"""What a row of the providers page shows, worked out from a provider's state. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus

DotName = Literal["ready", "off", "broken", "busy"]
ActionId = Literal[
    "test",
    "addKey",
    "storeKey",
    "removeKey",
    "keepKey",
    "confirmRemoveKey",
    "changeHost",
    "addModelFile",
    "removeModelFile",
    "edit",
    "remove",
    "keep",
    "confirmRemove",
]

_DOTS: dict[str, DotName] = {
    "checking": "busy",
    "ready": "ready",
    "no_key": "off",
    "unreachable": "broken",
    "rejected": "broken",
    "error": "broken",
}
_KEY_PLACES = {"session": "until you close the app", "environment": "from the environment"}


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
    return status.name or "the system keyring"


def key_place_sentence(status: KeyringStatus | None) -> str:
    """Where a key that is typed now will be kept."""
    if status is None:
        return "Looking for a keyring on this system."
    if status.available:
        return f"It is kept in {keyring_name(status)}, never in a file."
    if status.name:
        return f"{status.reason} The key is kept until you close the app."
    return "No keyring was found on this system. The key is kept until you close the app."


def keys_sentence(status: KeyringStatus | None) -> str:
    """The line below the title of the page."""
    if status is None:
        return "Keys never go into a file, a log or an export."
    if status.available:
        return f"Keys are kept in {keyring_name(status)}. They never go into a file, a log or an export."
    reason = status.reason or "No keyring was found on this system."
    return f"{reason} Keys are kept until you close the app, and never go into a file."


def provider_row(state: ProviderState, context: RowContext) -> Row:
    """A row of the first card."""
    key_line, key_note, is_code = _key_columns(state, context)
    if context.confirming:
        where = keyring_name(context.keyring) if state.key_source == "keyring" else "memory"
        return Row(
            state.id,
            state.label,
            _dot(state),
            f"Remove the key from {where}?",
            "danger",
            actions=(
                RowAction("keepKey", "Keep", accessible_name=f"Keep the key for {state.label}"),
                RowAction(
                    "confirmRemoveKey",
                    "Remove key",
                    "danger",
                    accessible_name=f"Remove the key for {state.label}",
                ),
            ),
        )
    detail, tone = _detail(state, context)
    return Row(
        state.id,
        state.label,
        _dot(state),
        detail,
        tone,
        key_line,
        key_note,
        is_code,
        () if context.editing else _provider_actions(state, context),
    )


def _dot(state: ProviderState) -> DotName:
    # Most computers have no Ollama: that is nothing to be alarmed about.
    return "off" if state.kind == "ollama" and state.status == "unreachable" else _DOTS[state.status]


def endpoint_row(state: ProviderState, context: RowContext) -> Row:
    """A row of the second card."""
    if context.confirming:
        return Row(
            state.id,
            state.label,
            _dot(state),
            "Remove this endpoint and its key?"
            if state.needs_key or state.key_source
            else "Remove this endpoint?",
            "danger",
            actions=(
                RowAction("keep", "Keep", accessible_name=f"Keep {state.label}"),
                RowAction("confirmRemove", "Remove", "danger", accessible_name=f"Remove {state.label}"),
            ),
        )
    detail, tone = _detail(state, context)
    return Row(
        state.id,
        state.label,
        _dot(state),
        detail,
        tone,
        actions=(
            _test(state),
            RowAction("edit", "Edit", accessible_name=f"Edit {state.label}"),
            RowAction("remove", "Remove", accessible_name=f"Remove {state.label}"),
        ),
    )


def model_file_row(path: str) -> Row:
    """A model file the person added, below the built-in provider."""
    file = PurePath(path)
    return Row(
        f"model:{path}",
        file.name,
        "ready",
        str(file.parent),
        actions=(
            RowAction("removeModelFile", "Remove", accessible_name=f"Remove {file.name} from the list"),
        ),
    )


def _detail(state: ProviderState, context: RowContext) -> tuple[str, Literal["muted", "success", "danger"]]:
    if context.tested and state.status == "ready":
        return context.tested, "success"
    if state.status in {"rejected", "error"} or (state.status == "unreachable" and state.kind != "ollama"):
        return f"{state.detail}. {state.advice}".removesuffix(". "), "danger"
    return state.detail, "muted"


def _key_columns(state: ProviderState, context: RowContext) -> tuple[str, str, bool]:
    if state.kind in {"ollama", "builtin"}:
        return "", "No key needed", False
    if state.kind == "plugin":
        return "", "", False
    if state.key_source is None:
        return "", "", False
    if state.key_source == "environment" and state.key_variable:
        return state.key_variable, _KEY_PLACES["environment"], False
    place = _KEY_PLACES.get(state.key_source, f"in {keyring_name(context.keyring)}")
    return f"•••• {state.key_hint}".rstrip(), place, True


def _test(state: ProviderState) -> RowAction:
    label = (
        "Testing…" if state.status == "checking" else "Retry" if _DOTS[state.status] == "broken" else "Test"
    )
    return RowAction("test", label, "secondary", "test", f"{label.rstrip('…')} {state.label}")


def _provider_actions(state: ProviderState, context: RowContext) -> tuple[RowAction, ...]:
    if state.kind == "ollama":
        retry = (_test(state),) if state.status in {"unreachable", "error"} else ()
        return (*retry, RowAction("changeHost", "Change host", accessible_name="Change the Ollama host"))
    if state.kind == "builtin":
        return (RowAction("addModelFile", "Add a model file"),)
    if state.kind == "plugin":
        return (_test(state),)
    if state.key_source is None:
        return (RowAction("addKey", "Add key", "secondary", accessible_name=f"Add a key for {state.label}"),)
    if state.key_source == "environment":
        store = RowAction(
            "storeKey", "Store in keyring", accessible_name=f"Store the {state.label} key in the keyring"
        )
        return (_test(state), store) if context.keyring.available else (_test(state),)
    remove = RowAction("removeKey", "Remove", accessible_name=f"Remove the key for {state.label}")
    return (_test(state), remove)
