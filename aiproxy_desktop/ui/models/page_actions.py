"""What can be done on the models tab, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.models.page import ModelsPage


def model_actions(page: ModelsPage) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    return (*_tab(page), *chosen_model_actions(page))


def _tab(page: ModelsPage) -> Sequence[Action]:
    group, vm = tr("Models"), page.view_model

    def panel(name: str, panel_name: str, title: str, key: str) -> Action:
        return Action(f"models.{name}", title, partial(page.open_panel, panel_name), (key,), group)

    return (
        Action("models.search", tr("Search models"), page.filters.focus_search, ("Ctrl+F",), group),
        Action("models.refresh", tr("Refresh all lists"), vm.refresh, ("F5", "Ctrl+R"), group),
        panel("findBest", "best", tr("Find the best model"), "Ctrl+B"),
        Action("models.addProvider", tr("Add a provider"), page.begin_add, ("Ctrl+N",), group),
        panel("get", "get", tr("Pull or download a model"), "Ctrl+P"),
        panel("local", "local", tr("Built-in models and files"), "Ctrl+L"),
        panel("create", "create", tr("Create a model from a Modelfile"), "Ctrl+M"),
        Action("models.view", tr("Choose columns and order"), page.open_view, ("Ctrl+Shift+V",), group),
        Action("models.clear", tr("Clear all filters"), vm.table.clear_filters, ("Ctrl+Shift+X",), group),
    )


def chosen_model_actions(page: ModelsPage) -> Sequence[Action]:
    """What can be done with the model that is chosen in the table: its menu, too."""
    group, vm = tr("Model"), page.view_model

    def chosen(
        name: str, title: str, run: Callable[[str], object], *keys: str, shown_only: bool = False
    ) -> Action:
        return Action(
            f"models.{name}",
            title,
            lambda: None if not page.current else _ignore(run(page.current)),
            keys,
            group,
            lambda: bool(page.current) and (name != "default" or not vm.is_default(page.current)),
            shown_only,
        )

    return (
        chosen("chat", tr("Chat with this model"), vm.chat_wanted.emit, "Ctrl+Return"),
        chosen("compare", tr("Compare this model"), vm.compare_wanted.emit, "Ctrl+Shift+Return"),
        chosen("default", tr("Make this model the default"), vm.make_default, "Ctrl+Shift+D"),
        chosen("details", tr("Show details"), lambda _one: page.open_panel("details"), "Ctrl+I"),
        chosen("favourite", tr("Mark as a favourite"), vm.table.toggle_favourite, "Ctrl+Shift+F"),
        chosen("hide", tr("Hide or show this model"), vm.toggle_hidden, "Ctrl+Shift+H"),
        chosen("copy", tr("Copy the model's id"), lambda _one: page.copy_id(), "Ctrl+Shift+C"),
    )


def _ignore(_value: object) -> None:
    pass
