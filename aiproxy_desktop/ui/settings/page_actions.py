"""What can be done in Settings, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.settings.api.page import ApiPage
    from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
    from aiproxy_desktop.ui.settings.data_page import DataPage


def data_actions(page: Callable[[], DataPage]) -> Sequence[Action]:
    """Those of Data; `page` brings it to the front."""
    group = tr("Data")
    return (
        Action(
            "data.export",
            tr("Export all conversations"),
            lambda: page().ask_how_to_export(),
            ("Ctrl+Shift+E",),
            group,
        ),
        Action(
            "data.import",
            tr("Import conversations"),
            lambda: page().ask_what_to_import(),
            ("Ctrl+Shift+I",),
            group,
        ),
        Action("data.backUp", tr("Back up now"), lambda: page().back_up(), ("Ctrl+Shift+B",), group),
    )


def api_actions(view_model: ApiViewModel, page: Callable[[], ApiPage]) -> Sequence[Action]:
    """Those of the local API; `page` brings it to the front."""
    group = tr("Local API")
    enabled = view_model.settings.enabled
    return (
        Action(
            "api.switch",
            tr("Switch the local API off") if enabled else tr("Switch the local API on"),
            lambda: view_model.set_enabled(not view_model.settings.enabled),
            ("Ctrl+Shift+L",),
            group,
        ),
        Action(
            "api.copyBase",
            tr("Copy the base URL"),
            lambda: page().copy_base(),
            ("Ctrl+Shift+Y",),
            group,
            lambda: view_model.settings.enabled,
        ),
        Action(
            "api.connect",
            tr("Connect a program"),
            lambda: page().show_part("connect"),
            ("Ctrl+Shift+P",),
            group,
        ),
        Action(
            "api.requests",
            tr("Show requests"),
            lambda: page().show_part("requests"),
            ("Ctrl+Shift+R",),
            group,
        ),
    )
