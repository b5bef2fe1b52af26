"""What the providers' strip and panels show and do. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.credentials import checked_key
from aiproxy_desktop.core.errors import InvalidKeyError
from aiproxy_desktop.services.provider_presets import Preset
from aiproxy_desktop.services.provider_refresh import ProviderRefresher
from aiproxy_desktop.services.provider_specs import home_of
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.keys import KeyringStatus, KeyStore
from aiproxy_desktop.ui.models.providers.words import (
    ProviderView,
    StripItem,
    preset_label,
    preset_place,
    provider_view,
    removal_question,
    strip_item,
)
from aiproxy_desktop.ui.settings.editing_viewmodel import EditingViewModel
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr


class ProvidersViewModel(EditingViewModel):
    """State and actions of the strip, of one provider's panel, and of the panel that adds one.

    `noticed` brings what goes wrong outside an editor; `problem` holds the last of it, for the panel.
    """

    added = Signal(str)  # id of a provider that was added, or got its first key

    def __init__(
        self,
        providers: ProviderService,
        settings: SettingsService,
        keys: KeyStore,
        on_unexpected: Callable[[Exception], None],
        refresher: ProviderRefresher | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing runs before `start`.

        Args:
            providers: states, tests, keys and endpoints.
            settings: the endpoints there are.
            keys: asked which keyring there is.
            on_unexpected: told of errors nobody planned for.
            refresher: asks everyone on demand; without one they are asked here.
            parent: of the QObject.
        """
        super().__init__(providers, settings, keys, on_unexpected, parent, scope="providers")
        self._refresher = refresher
        self._presets = providers.presets()
        self._removing = False
        self._adding = False
        self.problem = ""
        self.noticed.connect(self._remember_problem)
        self.saved.connect(self._tell_added)

    # What is shown

    @property
    def items(self) -> tuple[StripItem, ...]:
        """The strip: those that can be used, those that are broken, those that are not set up."""
        items = [strip_item(state) for state in self._states()]
        return tuple(sorted(items, key=_rank))

    @property
    def refreshing(self) -> bool:
        """Whether anyone is being asked."""
        return bool(self._providers.asking())

    def view(self, provider_id: str) -> ProviderView | None:
        """One provider's panel; None once it is gone."""
        state = self._state(provider_id)
        if state is None:
            return None
        shown = provider_view(
            state,
            self._keyring or KeyringStatus(available=False),
            tested=self._tested.get(provider_id, ""),
            confirming=self._confirming == provider_id,
        )
        if self._confirming == provider_id and self._removing:
            question, answers = removal_question(state)
            shown = replace(shown, question=question, answers=answers)
        return shown

    def presets(self, query: str = "") -> tuple[Preset, ...]:
        """What can be added, by the words of a search."""
        words = query.casefold().split()
        return tuple(
            preset
            for preset in self._presets
            if all(word in f"{preset_label(preset)} {preset_place(preset)}".casefold() for word in words)
        )

    def preset(self, preset_id: str) -> Preset:
        """One of them."""
        return next(preset for preset in self._presets if preset.id == preset_id)

    def is_first(self, preset: Preset) -> bool:
        """Whether a vendor is there and only its key is missing, so that no further account is needed."""
        state = self._state(preset.vendor) if preset.group == "account" else None
        return state is not None and state.key_source is None

    def suggested_name(self, preset: Preset) -> str:
        """A name for a new one that no other has."""
        label, taken = preset_label(preset), {state.label for state in self._states()}
        if preset.group == "other":
            return ""
        number, name = 1, label
        while name in taken:
            number += 1
            name = f"{label} {number}"
        return name

    @staticmethod
    def home_of(vendor: str) -> str:
        """A vendor's own address; empty where everyone has their own."""
        return home_of(vendor)

    # Actions

    def act(self, provider_id: str, action: str) -> None:
        """Do what a button of the strip or of the panel says."""
        self.problem = ""
        self._removing = action == "remove"
        actions: Mapping[str, Callable[[str], None]] = {
            "test": self._test,
            "addKey": self._edit_key,
            "changeKey": self._edit_key,
            "storeKey": self._store_key,
            "removeKey": self._confirm,
            "keepKey": self._keep,
            "confirmRemoveKey": self._remove_key,
            "edit": self.edit_endpoint,
            "remove": self._confirm,
            "keep": self._keep,
            "confirmRemove": self._remove_endpoint,
        }
        actions[action](provider_id)

    def refresh(self, provider_id: str = "") -> None:
        """Ask one provider, or everyone, for the models."""
        self.problem = ""
        if not provider_id and self._refresher is not None:
            self._refresher.refresh()
        else:
            self._run(self._providers.refresh(provider_id or None), "refresh")

    def start_adding(self) -> None:
        """Open the form for a new provider."""
        self.problem = ""
        self._adding = True
        self.edit_endpoint()

    def cancel_editor(self) -> None:
        """Close the editor; what was typed is forgotten."""
        self._adding = False
        super().cancel_editor()

    def add(self, preset_id: str, name: str, base_url: str, key: str) -> None:
        """Add a provider of this kind: one more account, or the key of one that is there without."""
        preset = self.preset(preset_id)
        if self._refused(preset, key):
            return
        if self.is_first(preset) and not base_url.strip():
            self._busy()
            self._run(self._keep_first(preset, key), "first key")
        else:
            self.submit_endpoint(name or preset_label(preset), base_url, key, preset.vendor)

    def try_new(self, preset_id: str, name: str, base_url: str, key: str) -> None:
        """Try what is in the form without keeping it."""
        preset = self.preset(preset_id)
        if not self._refused(preset, key):
            self.test_endpoint(name or preset_label(preset), base_url, key, preset.vendor)

    # Inside

    def _refused(self, preset: Preset, key: str) -> bool:
        if self._editor is None or self._editor.busy:
            return True
        if preset.needs_key and not key.strip():
            self._refuse(key=tr("Paste the key of this account"))
            return True
        try:
            if key.strip():
                checked_key(key)
        except InvalidKeyError as error:
            self._refuse(key=error.advice)
            return True
        return False

    async def _keep_first(self, preset: Preset, key: str) -> None:
        check = await self._providers.test_key(preset.vendor, key)
        if check.status == "rejected":
            self._refuse_key(preset.label)
            return
        await self._providers.set_key(preset.vendor, key)
        self._open(None)
        self._tell_added(preset.vendor)
        await self._providers.refresh(preset.vendor)

    def _tell_added(self, provider_id: str) -> None:
        if self._adding:
            self._adding = False
            self.added.emit(provider_id)

    def _remember_problem(self, notice: Notice) -> None:
        self.problem = notice.text
        self.rows_changed.emit()


def _rank(item: StripItem) -> int:
    """Where room ends, what is not set up yet is missed least. One that is asked again stays in its place."""
    if item.tone == "danger":
        return 1
    return 0 if item.usable else 2
