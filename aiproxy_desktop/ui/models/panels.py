"""The panels of the models tab: each made when it is first asked for, its wishes carried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.panel import QUIET, Panel, inset

if TYPE_CHECKING:
    from aiproxy_desktop.ui.models.ollama.create_panel import CreatePanel
    from aiproxy_desktop.ui.models.ollama.host_orders import OllamaHostOrders
    from aiproxy_desktop.ui.models.ollama.model_orders import OllamaModelOrders
    from aiproxy_desktop.ui.models.page import ModelsPage


class Panels:
    """By name: `details`, `local` and the others. Needs the page for what leads from one panel to another."""

    def __init__(self, page: ModelsPage, themes: ThemeController) -> None:
        self._page = page
        self._vm = page.view_model
        self._themes = themes
        self._made: dict[str, Panel] = {}
        self._ollama_orders: OllamaModelOrders | None = None
        self._host_orders: OllamaHostOrders | None = None
        self._files_button: Button | None = None
        self._makers: dict[str, Callable[[], Panel]] = {
            "details": self._details,
            "best": self._best,
            "get": self._get,
            "local": self._local,
            "create": self._create,
            "provider": self._provider,
            "add": self._add,
            "host": self._host,
        }

    def get(self, name: str) -> Panel:
        """A panel of this page; the same one each time."""
        if name not in self._made:
            panel = self._makers[name]()
            panel.closed.connect(self._page.close_panel)
            self._made[name] = panel
        return self._made[name]

    def __contains__(self, name: str) -> bool:
        return name in self._makers

    def begin_create(self, host: str = "", model: str = "") -> None:
        """Show the form for a new model, on a server and of another model where these are given."""
        panel = self._create_panel()
        self._page.open_panel("create")
        panel.begin(host, f"FROM {model}\n" if model else "")

    def begin_host(self, provider_id: str = "") -> None:
        """Show the form for an Ollama server: one that is kept, or a new one."""
        from aiproxy_desktop.ui.models.ollama.host_form import HostPanel

        panel = self.get("host")
        assert isinstance(panel, HostPanel)
        self._page.open_panel("host")
        panel.begin(provider_id)

    def show_provider(self, provider_id: str) -> None:
        """Show one provider."""
        from aiproxy_desktop.ui.models.providers.panel import ProviderPanel

        panel = self.get("provider")
        assert isinstance(panel, ProviderPanel)
        panel.show_provider(provider_id)
        self._show_orders(provider_id)
        self._page.open_panel("provider")

    def begin_add(self) -> None:
        """Ask which provider is to be added."""
        from aiproxy_desktop.ui.models.providers.add_panel import AddProviderPanel

        panel = self.get("add")
        assert isinstance(panel, AddProviderPanel)
        self._page.open_panel("add")
        panel.start()

    def ask_delete(self) -> None:
        """Ask whether the model that is shown is to be deleted, where that can be done."""
        reference = self._vm.details.reference
        if self._vm.kind_of(reference) == "ollama":
            self._page.open_panel("details")
            self._orders.ask_delete()
        elif self._vm.kind_of(reference) == "builtin":
            self._page.open_panel("local")

    @property
    def _orders(self) -> OllamaModelOrders:
        self.get("details")
        assert self._ollama_orders is not None
        return self._ollama_orders

    def _create_panel(self) -> CreatePanel:
        from aiproxy_desktop.ui.models.ollama.create_panel import CreatePanel

        panel = self.get("create")
        assert isinstance(panel, CreatePanel)
        return panel

    # How each is made

    def _details(self) -> Panel:
        from aiproxy_desktop.ui.models.details.panel import DetailsPanel
        from aiproxy_desktop.ui.models.ollama.model_orders import OllamaModelOrders

        vm = self._vm
        panel = DetailsPanel(self._themes, vm.details, image_studio=True, voice=True)
        panel.chat_wanted.connect(vm.chat_wanted)
        panel.compare_wanted.connect(vm.compare_wanted)
        panel.image_studio_wanted.connect(vm.images_wanted)
        panel.voice_wanted.connect(vm.voice_wanted)
        panel.default_wanted.connect(vm.make_default)
        panel.favourite_toggled.connect(lambda reference, _on: vm.table.toggle_favourite(reference))
        panel.hidden_toggled.connect(lambda reference, _on: vm.toggle_hidden(reference))
        orders = self._ollama_orders = OllamaModelOrders(self._themes, vm.ollama)
        run = Button(
            self._themes, tr("Context and threads…"), name="models.details.run", kind="quiet", icon="options"
        )
        run.clicked.connect(lambda: self._page.open_panel("local"))
        orders.create_wanted.connect(self.begin_create)
        panel.extra.addWidget(orders)
        panel.extra.addWidget(run, 0, Qt.AlignmentFlag.AlignLeading)

        def show() -> None:
            kind = vm.kind_of(vm.details.reference)
            host, _, model = vm.details.reference.partition(":")
            orders.show_model(host if kind == "ollama" else "", model)
            run.setVisible(kind == "builtin")

        vm.details.changed.connect(show)
        show()
        return panel

    def _best(self) -> Panel:
        from aiproxy_desktop.ui.models.best.panel import BestPanel

        panel = BestPanel(self._themes, self._vm.best)
        panel.opened.connect(self._page.choose)
        panel.chat_wanted.connect(self._vm.chat_wanted)
        return panel

    def _local(self) -> Panel:
        from aiproxy_desktop.ui.models.local.panel import LocalModelsPanel

        return LocalModelsPanel(self._themes, self._vm.local)

    def _get(self) -> Panel:
        from aiproxy_desktop.ui.models.downloads.get_panel import GetModelPanel

        return GetModelPanel(self._themes, self._vm.downloads)

    def _create(self) -> Panel:
        from aiproxy_desktop.ui.models.ollama.create_panel import CreatePanel

        panel = CreatePanel(self._themes, self._vm.ollama.creating)
        panel.use_wanted.connect(self._vm.chat_wanted)
        return panel

    def _host(self) -> Panel:
        from aiproxy_desktop.ui.models.ollama.host_form import HostPanel

        return HostPanel(self._themes, self._vm.ollama.hosts)

    def _provider(self) -> Panel:
        from aiproxy_desktop.ui.models.ollama.host_orders import OllamaHostOrders
        from aiproxy_desktop.ui.models.providers.panel import ProviderPanel

        panel = ProviderPanel(self._themes, self._vm.providers)
        orders = self._host_orders = OllamaHostOrders(self._themes, self._vm.ollama.loaded)
        orders.change_wanted.connect(self._change_host)
        orders.remove_wanted.connect(self._vm.remove_host)
        orders.add_wanted.connect(self.begin_host)
        panel.extra.addWidget(orders)
        files = Button(
            self._themes, tr("Built-in models and files…"), name="models.provider.files", icon="computer"
        )
        files.clicked.connect(lambda: self._page.open_panel("local"))
        self._files_button = files
        line = inset(QUIET)
        line.addWidget(files, 0, Qt.AlignmentFlag.AlignLeading)
        panel.extra.addLayout(line)
        return panel

    def _show_orders(self, provider_id: str) -> None:
        kind = self._vm.kind_of(provider_id)
        if self._host_orders is not None:
            self._host_orders.show_host(
                provider_id if kind == "ollama" else "", kept=self._vm.is_kept_host(provider_id)
            )
        if self._files_button is not None:
            self._files_button.setVisible(kind == "builtin")

    def _change_host(self, provider_id: str) -> None:
        if self._vm.is_kept_host(provider_id):
            self.begin_host(provider_id)
        else:  # that of this computer, or of OLLAMA_HOST, is a setting
            self._page.page_requested.emit("settings.providers")

    def _add(self) -> Panel:
        from aiproxy_desktop.ui.models.providers.add_panel import AddProviderPanel

        panel = AddProviderPanel(self._themes, self._vm.providers)
        panel.ollama_wanted.connect(self.begin_host)
        return panel
