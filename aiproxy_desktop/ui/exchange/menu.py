"""The menu of export formats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu

from aiproxy_desktop.services.exchange.service import Format
from aiproxy_desktop.ui.exchange.formats import offers
from aiproxy_desktop.ui.translation import tr


def add_formats(menu: QMenu, chosen: Callable[[Format], None], prefix: str) -> None:
    """An action for each format, named `<prefix>.<format>`."""
    for one in offers():
        action = menu.addAction(one.label, partial(chosen, one.form))
        action.setObjectName(f"{prefix}.{one.form}")


def add_export_menu(menu: QMenu, chosen: Callable[[Format], None], prefix: str) -> QMenu:
    """“Export as” with the formats in it."""
    formats = menu.addMenu(tr("Export as"))
    formats.setObjectName(prefix)
    add_formats(formats, chosen, prefix)
    return formats
