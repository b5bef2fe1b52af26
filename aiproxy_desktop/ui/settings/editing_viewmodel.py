"""Keys and endpoints as they are typed: what every page about providers shares. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.credentials import checked_key
from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError, InvalidKeyError
from aiproxy_desktop.services.provider_specs import home_of
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.keys import KeyringStatus, KeyStore
from aiproxy_desktop.ui.settings.editor import Editor, Note
from aiproxy_desktop.ui.settings.rows import key_place_sentence
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr, tr_count

NOTHING: Mapping[str, str] = MappingProxyType({})


class EditingViewModel(QObject):
    """One inline editor at a time, tests, and the removals that wait for a yes.

    Every action returns at once; what it led to comes as a signal. Await `close` at the end.
    """

    rows_changed = Signal()  # providers, endpoints, or the keyring
    editor_changed = Signal()  # `editor` opened, closed or changed
    noticed = Signal(object)  # Notice
    saved = Signal(str)  # id of an endpoint that was added or changed

    def __init__(
        self,
        providers: ProviderService,
        settings: SettingsService,
        keys: KeyStore,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
        *,
        scope: str = "settings",
    ) -> None:
        """Wire the services up; nothing runs before `start`.

        Args:
            providers: states, tests, keys and endpoints.
            settings: the endpoints there are.
            keys: asked which keyring there is.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
            scope: what its tasks are named by.
        """
        super().__init__(parent)
        self._providers = providers
        self._settings = settings
        self._keys = keys
        self._scope = TaskScope(scope, on_unexpected)
        self._keyring: KeyringStatus | None = None
        self._editor: Editor | None = None
        self._confirming = ""
        self._testing: set[str] = set()
        self._tested: dict[str, str] = {}
        self._unsubscribe: list[Callable[[], None]] = []

    # Life

    def start(self) -> None:
        """Follow the services, and ask which keyring there is."""
        if self._unsubscribe:
            return
        self._unsubscribe = [
            self._providers.subscribe(self._providers_changed),
            self._settings.subscribe(lambda _settings: self.rows_changed.emit()),
            self._keys.subscribe(self._keyring_came),
        ]
        self._run(self._ask_keyring(), "keyring")

    async def close(self) -> None:
        """Stop what runs and follow nothing any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        await self._scope.close()

    # What is shown

    @property
    def editor(self) -> Editor | None:
        """What is being edited."""
        return self._editor

    @property
    def keyring_missing(self) -> bool:
        """Whether it was looked for and no keyring answers, so that looking again makes sense."""
        return self._keyring is not None and not self._keyring.available

    @property
    def key_place_sentence(self) -> str:
        """Where a key typed now will be kept."""
        return key_place_sentence(self._keyring)

    # Actions

    def edit_endpoint(self, endpoint_id: str = "") -> None:
        """Open the form for an endpoint, or with no id for a new one."""
        known = next((item for item in self._settings.current.endpoints if item.id == endpoint_id), None)
        values = {"name": known.name, "base_url": known.base_url, "vendor": known.vendor} if known else {}
        name, has_key = (known.name, known.needs_key) if known else ("", False)
        self._open(Editor("endpoint", endpoint_id, name, MappingProxyType(values), has_key=has_key))

    def cancel_editor(self) -> None:
        """Close the editor; what was typed is forgotten."""
        self._open(None)

    def submit_key(self, text: str) -> None:
        """Keep the key typed into the open editor, and test it."""
        editor = self._editor
        if editor is None or editor.kind != "key" or editor.busy:
            return
        try:
            key = checked_key(text)
        except InvalidKeyError as error:
            self._refuse(key=error.advice)
            return
        self._busy()
        self._run(self._keep_key(editor.target, editor.label, key), "set key")

    def submit_endpoint(self, name: str, base_url: str, key: str, vendor: str = "") -> None:
        """Add or change the endpoint in the open form. An empty key leaves the key as it is."""
        editor = self._editor
        if (
            editor is None
            or editor.kind != "endpoint"
            or editor.busy
            or self._endpoint_refused(name, base_url, key, vendor)
        ):
            return
        self._busy()
        self._run(
            self._save_endpoint(editor.target, name.strip(), base_url.strip(), key.strip(), vendor),
            "save endpoint",
        )

    def test_endpoint(self, name: str, base_url: str, key: str, vendor: str = "") -> None:
        """Try the endpoint in the open form without keeping it."""
        editor = self._editor
        if (
            editor is None
            or editor.kind != "endpoint"
            or editor.busy
            or self._endpoint_refused(name, base_url, key, vendor)
        ):
            return
        self._busy(tr("Testing…"))
        self._run(self._try_endpoint(name.strip(), base_url.strip(), key.strip(), vendor), "test endpoint")

    def look_for_keyring(self) -> None:
        """Look for a keyring again, and at every provider with what it holds."""
        self._run(self._look_again(), "look for keyring")

    # How they go

    async def _ask_keyring(self) -> None:
        self._keyring = await self._keys.status()
        self.rows_changed.emit()
        if self._editor is not None:
            self.editor_changed.emit()

    async def _look_again(self) -> None:
        self._keyring = None
        self.rows_changed.emit()
        self._keyring = await self._keys.retry()
        self.rows_changed.emit()
        if self._keyring.available:
            await self._providers.refresh()

    def _test(self, provider_id: str) -> None:
        if provider_id not in self._testing:
            self._run(self._test_provider(provider_id), "test")

    async def _test_provider(self, provider_id: str) -> None:
        self._testing.add(provider_id)
        try:
            self._tested.pop(provider_id, None)
            check = await self._providers.test(provider_id)
        finally:
            self._testing.discard(provider_id)
        if check.ok:
            self._tested[provider_id] = _passed(check.milliseconds)
            self.rows_changed.emit()

    def _edit_key(self, provider_id: str) -> None:
        self._open(Editor("key", provider_id, self._label(provider_id)))

    async def _keep_key(self, provider_id: str, label: str, key: str) -> None:
        former = self._state(provider_id)
        if former is not None and former.key_source in {"keyring", "session"}:
            # The key there is may be a good one: it goes only for one that the provider takes.
            tried = await self._providers.test_key(provider_id, key)
            if tried.status == "rejected":
                self._refuse_key(label)
                return
        await self._providers.set_key(provider_id, key)
        check = await self._providers.test(provider_id)
        state = self._state(provider_id)
        if state is not None and state.status == "rejected":
            # A key that the provider refuses is of no use; the person can mend it where it stands.
            await self._providers.remove_key(provider_id)
            await self._providers.refresh(provider_id)
            self._refuse_key(label)
            return
        if check.ok:
            self._tested[provider_id] = _passed(check.milliseconds)
        self._close_editor("key", provider_id)
        self._keyring = await self._keys.status()
        self.rows_changed.emit()

    def _store_key(self, provider_id: str) -> None:
        self._run(self._store(provider_id), "store key")

    async def _store(self, provider_id: str) -> None:
        place = await self._providers.store_key(provider_id)
        self._keyring = await self._keys.status()
        self.rows_changed.emit()
        if place == "session":
            self.noticed.emit(
                Notice(tr("The keyring did not take the key. It is kept until you close the app."))
            )

    def _confirm(self, row_id: str) -> None:
        self._confirming = row_id
        self.rows_changed.emit()

    def _keep(self, _row_id: str) -> None:
        self._confirm("")

    def _remove_key(self, provider_id: str) -> None:
        self._confirming = ""
        self._tested.pop(provider_id, None)
        self._run(self._take_key_away(provider_id), "remove key")

    async def _take_key_away(self, provider_id: str) -> None:
        try:
            await self._providers.remove_key(provider_id)
        finally:
            await self._providers.refresh(provider_id)

    def _remove_endpoint(self, endpoint_id: str) -> None:
        self._confirming = ""
        self._close_editor("endpoint", endpoint_id)
        self._run(self._providers.remove_endpoint(endpoint_id), "remove endpoint")

    async def _save_endpoint(self, endpoint_id: str, name: str, base_url: str, key: str, vendor: str) -> None:
        try:
            if endpoint_id:
                await self._providers.update_endpoint(
                    endpoint_id, name=name, base_url=base_url, key=key or None, vendor=vendor
                )
            else:
                endpoint_id = (await self._providers.add_endpoint(name, base_url, key, vendor)).id
        except (InvalidEndpointError, InvalidKeyError) as error:
            self._refuse_endpoint(error)
            return
        self._open(None)
        self.saved.emit(endpoint_id)
        await self._providers.refresh(endpoint_id)

    async def _try_endpoint(self, name: str, base_url: str, key: str, vendor: str) -> None:
        try:
            kept = "" if self._editor is None else self._editor.target
            check = await self._providers.test_endpoint(name, base_url, key, vendor, kept=kept)
        except (InvalidEndpointError, InvalidKeyError) as error:
            self._refuse_endpoint(error)
            return
        if self._editor is None or self._editor.kind != "endpoint":
            return
        if check.ok:
            note = tr_count(
                "It answered in {ms} ms and has {n} model.",
                "It answered in {ms} ms and has {n} models.",
                len(check.models),
                ms=check.milliseconds,
            )
        else:
            note = f"{check.sentence}. {check.advice}".strip()
        tone: Note = "success" if check.ok else "danger"
        self._set_editor(replace(self._editor, busy=False, note=note, note_tone=tone, errors=NOTHING))

    # Inside

    def _states(self) -> tuple[ProviderState, ...]:
        return self._providers.states()

    def _state(self, provider_id: str) -> ProviderState | None:
        return next((state for state in self._states() if state.id == provider_id), None)

    def _label(self, provider_id: str) -> str:
        state = self._state(provider_id)
        return state.label if state is not None else provider_id

    def _endpoint_refused(self, name: str, base_url: str, key: str, vendor: str) -> bool:
        """Refuse at once what can be seen to be wrong, every field with its own sentence."""
        errors: dict[str, str] = {}
        if not name.strip():
            errors["name"] = tr("Give it a name")
        # A vendor that was chosen has an address of its own.
        own = not base_url.strip() and home_of(vendor)
        if not own and not base_url.strip().lower().startswith(("http://", "https://")):
            errors["base_url"] = tr("Begin with {http} or {https}", http="http://", https="https://")
        if key.strip():
            try:
                checked_key(key)
            except InvalidKeyError as error:
                errors["key"] = error.advice
        if errors:
            self._refuse(**errors)
        return bool(errors)

    def _refuse_key(self, label: str) -> None:
        self._refuse(
            key=tr("{provider} did not accept this key. Check it and paste it again.", provider=label)
        )

    def _refuse_endpoint(self, error: AIProxyError) -> None:
        field = "key" if isinstance(error, InvalidKeyError) else "base_url"
        self._refuse(**{field: error.advice or error.title})

    def _open(self, editor: Editor | None) -> None:
        self._confirming = ""
        self._editor = editor
        # The focus goes from a row to its editor and back: whichever it goes to must be there first.
        signals = (self.rows_changed, self.editor_changed)
        for signal in signals if editor is None else reversed(signals):
            signal.emit()

    def _close_editor(self, kind: str, target: str) -> None:
        if self._editor is not None and self._editor.identity == (kind, target):
            self._open(None)

    def _set_editor(self, editor: Editor | None) -> None:
        self._editor = editor
        self.editor_changed.emit()

    def _busy(self, note: str = "") -> None:
        if self._editor is not None:
            self._set_editor(replace(self._editor, busy=True, errors=NOTHING, note=note, note_tone="muted"))

    def _refuse(self, **errors: str) -> None:
        if self._editor is not None:
            self._set_editor(replace(self._editor, busy=False, errors=MappingProxyType(errors), note=""))

    def _providers_changed(self) -> None:
        for state in self._states():
            if state.status != "ready":
                self._tested.pop(state.id, None)
        self.rows_changed.emit()

    def _keyring_came(self) -> None:
        self._run(self._ask_keyring(), "keyring")

    def _run(self, work: Coroutine[Any, Any, object], name: str) -> None:
        self._scope.start(self._guarded(work), name)

    async def _guarded(self, work: Coroutine[Any, Any, object]) -> None:
        """Say what a person can mend; anything else goes to the scope's owner."""
        try:
            await work
        except AIProxyError as error:
            if self._editor is not None and self._editor.busy:
                self._set_editor(replace(self._editor, busy=False, note=""))
            self.rows_changed.emit()
            self.noticed.emit(Notice(str(error)))


def _passed(milliseconds: int) -> str:
    return tr("Test passed just now, {ms} ms", ms=milliseconds)
