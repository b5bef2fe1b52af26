"""What is said above the pages at the start: that the last run crashed, and what this computer has not."""

from __future__ import annotations

from aiproxy_desktop.ui.settings.about_viewmodel import AboutViewModel
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.translation import tr


def tell_about(window: MainWindow, about: AboutViewModel) -> None:
    """Say it calmly, once; About has the whole."""

    def show_report() -> None:
        about.open_crash()
        window.show_page("settings.about")

    def tell_crash(_report: object) -> None:
        window.show_banner(
            "info",
            tr("The app ended by itself last time. A report is kept on this computer; nothing was sent."),
            tr("Show the report"),
            show_report,
        )

    def tell_lacks(sentence: str) -> None:
        window.show_banner("info", sentence, tr("Details"), lambda: window.show_page("settings.about"))

    about.crashed.connect(tell_crash)
    about.lacking.connect(tell_lacks)
