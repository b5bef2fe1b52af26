"""What the command line can do without a window: ask, speak, make images, list models, keep keys."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiproxy_desktop.commands.common import note, open_runtime, prompt_of
from aiproxy_desktop.core.defaults import VENDOR_IDS
from aiproxy_desktop.core.errors import AIProxyError, MissingKeyError, RequestError
from aiproxy_desktop.core.events import Finished, ImageReceived, Noted, TextDelta
from aiproxy_desktop.core.messages import Message, TextPart
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.attachments import read_files
from aiproxy_desktop.services.provider_specs import KEYED_KINDS
from aiproxy_desktop.services.providers import ProviderState, ProviderStatus
from aiproxy_desktop.storage.errors import StorageError

if TYPE_CHECKING:
    from aiproxy_desktop.core.providers.openai.vendors import Vendor

_MAX_KEY_BYTES = 64 * 1024


async def ask(options: argparse.Namespace, redactor: Redactor) -> None:
    """Stream one answer to standard output.

    Raises:
        AIProxyError: the question cannot be read, or not answered.
    """
    question = prompt_of(options)
    media, texts = await read_files(options.file)
    messages = [Message.of("system", options.system)] if options.system else []
    messages.append(Message("user", (*media, TextPart("\n\n".join([*texts, question])))))
    async with open_runtime(options, redactor) as runtime:
        await runtime.providers.find_plug_ins()
        model = options.model or runtime.settings.current.model
        await _write_answer(runtime, messages, model)


async def image(options: argparse.Namespace, redactor: Redactor) -> None:
    """Make or change images, into files that the person names.

    Raises:
        AIProxyError: what was given cannot be used, or an image did not come.
    """
    from aiproxy_desktop.commands.images import make_images

    await make_images(options, redactor)


async def live(options: argparse.Namespace, redactor: Redactor) -> None:
    """Speak files to a live model, and save what it answers.

    Raises:
        AIProxyError: what was given cannot be used, or an answer did not come.
    """
    from aiproxy_desktop.commands.live import speak_files

    await speak_files(options, redactor)


async def serve_api(options: argparse.Namespace, redactor: Redactor) -> None:
    """Serve the local API until told to stop.

    Raises:
        AIProxyError: what was given cannot be used.
    """
    from aiproxy_desktop.commands.serve import serve_requests

    await serve_requests(options, redactor)


async def models(options: argparse.Namespace, redactor: Redactor) -> None:
    """List models; a provider that fails gets one line on standard error.

    Raises:
        AIProxyError: the provider asked for is unknown or fails, or none of them has a model.
    """
    async with open_runtime(options, redactor) as runtime:
        await runtime.providers.find_plug_ins()
        if options.provider is not None:
            found = await _models_of(runtime, options.provider)
        else:
            await runtime.providers.refresh()
            found = tuple(model for state in runtime.providers.states() for model in state.models)
            for state in runtime.providers.states():
                if state.status != "ready":
                    keyed = state.kind in KEYED_KINDS
                    advice = _advice(state.id, state.status, state.advice) if keyed else state.advice
                    note(f"{state.label}: {state.detail}. {advice}".rstrip())
    if not found:
        raise AIProxyError("There are no models", "Add a key or a model file in Settings.")
    sys.stdout.write(_as_json(found) if options.json else _as_table(found))


async def _models_of(runtime: Runtime, provider_id: str) -> Sequence[ModelInfo]:
    """The models of one provider; of a vendor without a row of its own as well.

    Raises:
        AIProxyError: the provider is unknown or fails.
    """
    vendor = _unlisted_vendor(runtime, provider_id)
    if vendor is not None:
        try:
            return await runtime.client.models(vendor.id)
        except MissingKeyError as error:
            raise MissingKeyError(error.title, _advice(vendor.id, "no_key", ""), provider=vendor.id) from None
    state = _state_of(runtime, provider_id)
    check = await runtime.providers.test(state.id)
    if not check.ok:
        advice = _advice(state.id, check.status, check.advice)
        raise AIProxyError(f"{state.label}: {check.sentence}", advice, provider=state.id)
    return check.models


async def keys_list(options: argparse.Namespace, redactor: Redactor) -> None:
    """Show for each provider where its key comes from; never the key."""
    async with open_runtime(options, redactor) as runtime:
        states = [state for state in await runtime.providers.look_up_keys() if state.kind in KEYED_KINDS]
        status = await runtime.keys.status()
    places = {
        "keyring": f"keyring ({status.name})",
        "environment": "environment",
        "session": "this run only",
        None: "no key",
    }
    width = max(len(state.id) for state in states)
    for state in states:
        variable = f" ({state.key_variable})" if state.key_variable else ""
        sys.stdout.write(f"{state.id:<{width}}  {places[state.key_source]}{variable}\n")
    if not status.available:
        note(status.reason)


async def keys_set(options: argparse.Namespace, redactor: Redactor) -> None:
    """Keep a key, read from standard input, in the keyring.

    Raises:
        AIProxyError: the key cannot be used, or there is no keyring to keep it.
    """
    async with open_runtime(options, redactor) as runtime:
        provider_id, label = _keyed_provider(runtime, options.provider)
        key = _read_key(label)
        from aiproxy_desktop.core.credentials import checked_key

        checked_key(key, provider=provider_id)
        await _need_keyring(runtime)
        if await runtime.providers.set_key(provider_id, key) != "keyring":
            await _need_keyring(runtime)
        name = (await runtime.keys.status()).name
    sys.stdout.write(f"The key for {label} is kept in {name}.\n")


async def keys_remove(options: argparse.Namespace, redactor: Redactor) -> None:
    """Forget a key.

    Raises:
        AIProxyError: there is no keyring, or it did not answer.
    """
    async with open_runtime(options, redactor) as runtime:
        provider_id, label = _keyed_provider(runtime, options.provider)
        await _need_keyring(runtime)
        had = await runtime.keys.lookup(provider_id) is not None
        await runtime.providers.remove_key(provider_id)
        left = await runtime.credentials.lookup(provider_id)
    done = "is removed" if had else "was not in the keyring"
    rest = " One in the environment is still used." if left is not None else ""
    sys.stdout.write(f"The key for {label} {done}.{rest}\n")


async def _write_answer(runtime: Runtime, messages: Sequence[Message], model: str | None) -> None:
    last = "\n"
    try:
        async with runtime.client.stream(messages, model=model) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    sys.stdout.write(event.text)
                    sys.stdout.flush()
                    last = event.text
                elif isinstance(event, Noted):
                    note(event.sentence)
                elif isinstance(event, ImageReceived) and not event.preview:
                    note("An image came with this answer and cannot be shown here.")
                elif isinstance(event, Finished) and event.reason == "length":
                    note("The answer reached its limit and was cut there.")
    finally:
        if not last.endswith("\n"):
            sys.stdout.write("\n")


def _read_key(label: str) -> str:
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(f"Key for {label}: ", stream=sys.stderr)
    return sys.stdin.buffer.read(_MAX_KEY_BYTES).decode("utf-8", "replace")


def _advice(provider_id: str, status: ProviderStatus, otherwise: str) -> str:
    """What to do about a provider that failed, at a command line."""
    if status == "no_key":
        return f"Keep one with: aiproxy-desktop keys set {provider_id}"
    return otherwise


def _state_of(runtime: Runtime, provider_id: str) -> ProviderState:
    states = runtime.providers.states()
    for state in states:
        if state.id == provider_id:
            return state
    known = ", ".join(dict.fromkeys([*(state.id for state in states), *VENDOR_IDS]))
    raise RequestError(f"There is no provider “{provider_id[:80]}”", f"Known are {known}.")


def _keyed_provider(runtime: Runtime, provider_id: str) -> tuple[str, str]:
    """Id and label of a provider that takes a key; a vendor shows as one only once it has its key."""
    vendor = _unlisted_vendor(runtime, provider_id)
    if vendor is not None:
        return vendor.id, vendor.label
    state = _state_of(runtime, provider_id)
    if state.kind not in KEYED_KINDS:
        raise RequestError(f"{state.label} needs no key")
    return state.id, state.label


def _unlisted_vendor(runtime: Runtime, provider_id: str) -> Vendor | None:
    """The vendor of that id, unless it is a provider already, for it has a key."""
    from aiproxy_desktop.core.providers.openai.vendors import vendor_by_id

    listed = any(state.id == provider_id for state in runtime.providers.states())
    return None if listed else vendor_by_id(provider_id)


async def _need_keyring(runtime: Runtime) -> None:
    status = await runtime.keys.status()
    if not status.available:
        raise StorageError(
            status.reason.rstrip("."), "Start or unlock one, or set the key in the environment instead."
        )


def _as_json(found: Sequence[ModelInfo]) -> str:
    import json

    rows = [{**asdict(model), "reference": model.reference} for model in found]
    return json.dumps(rows, indent=2, ensure_ascii=False, default=str) + "\n"  # dates as 2027-01-14


def _as_table(found: Sequence[ModelInfo]) -> str:
    rows = [("MODEL", "NAME", "CONTEXT", "SIZE")]
    for model in found:
        context = f"{model.context_window:,}" if model.context_window is not None else ""
        size = f"{model.size_bytes / 1_000_000:,.0f} MB" if model.size_bytes is not None else ""
        rows.append((model.reference, model.display_name, context, size))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{model:<{widths[0]}}  {name:<{widths[1]}}  {context:>{widths[2]}}  {size:>{widths[3]}}".rstrip()
        for model, name, context, size in rows
    ]
    return "\n".join(lines) + "\n"
