"""What can be done in Settings, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
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
