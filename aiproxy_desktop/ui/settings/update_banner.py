"""A new version, told of above the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiproxy_desktop.services.updates import Release
from aiproxy_desktop.ui.settings.updates_viewmodel import UpdatesViewModel
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.open_url import open_url
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.widgets.banner import Banner


def tell_of_new_versions(window: MainWindow, updates: UpdatesViewModel) -> None:
    """Say in the window that there is a newer version, once in a run, until the person skips it."""
    told: list[Banner] = []

    def tell(release: Release) -> None:
        clear()  # an app that stays open for weeks may hear of several
        banner = window.show_banner(
            "info",
            tr("Version {version} of AI Proxy Desktop is out.", version=release.version),
            tr("What is new"),
            lambda: _ignore(open_url(release.page)),
            other_action=tr("Skip this version"),
            on_other=updates.skip,
        )
        told.append(banner)

    def clear() -> None:
        while told:
            window.drop_banner(told.pop())

    def clear_skipped() -> None:
        if not updates.can_skip:
            clear()

    updates.found.connect(tell)
    updates.changed.connect(clear_skipped)


def _ignore(_value: object) -> None:
    pass
