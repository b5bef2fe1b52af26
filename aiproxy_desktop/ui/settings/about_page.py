"""Settings, About."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.project import REPOSITORY
from aiproxy_desktop.ui.moments import clock_time
from aiproxy_desktop.ui.settings.about import AboutFacts, each
from aiproxy_desktop.ui.settings.api.copying import put_text
from aiproxy_desktop.ui.settings.components_card import ComponentsCard
from aiproxy_desktop.ui.settings.report_card import ReportRow
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.settings.setting_rows import card_of, setting_row
from aiproxy_desktop.ui.settings.window_facts import qt_libraries, window_facts
from aiproxy_desktop.ui.shell.open_url import open_url
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label

if TYPE_CHECKING:
    from aiproxy_desktop.ui.settings.about_viewmodel import AboutViewModel
    from aiproxy_desktop.ui.settings.updates_viewmodel import UpdatesViewModel


class AboutPage(ScrollColumn):
    """Version, what is wrong or missing, folders, and whose work it stands on."""

    def __init__(
        self,
        facts: AboutFacts,
        open_folder: Callable[[Path], object],
        themes: ThemeController,
        parent: QWidget | None = None,
        *,
        about: AboutViewModel | None = None,
        updates: UpdatesViewModel | None = None,
    ) -> None:
        """Build it.

        Args:
            facts: of this installation.
            open_folder: shows a folder in the system's file manager.
            themes: to paint with.
            parent: of the widget.
            about: diagnostics, crash reports and licences, which are left out without it.
            updates: of new versions, likewise.
        """
        super().__init__(tr("About"), name="settings.about", parent=parent)
        self._themes = themes
        self._about = about
        self._copying = False
        self.column.addSpacing(4)
        self.column.addLayout(self._first_line(facts.version))
        self.column.addSpacing(16)
        if updates is not None:
            from aiproxy_desktop.ui.settings.update_card import UpdateCard

            self.column.addWidget(UpdateCard(updates, themes, open_url))
            self.column.addSpacing(12)
        if about is not None:
            self._add_help(about)
        self.column.addWidget(self._folders(facts, open_folder))
        if about is not None:
            self.column.addSpacing(24)
            self.column.addWidget(Label(tr("Made with"), "reading_strong"))
            self.column.addSpacing(8)
            self.column.addWidget(self._qt_notice(about, open_folder))
            self.column.addSpacing(12)
            self.column.addWidget(ComponentsCard(about, themes))
        self.column.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._about is not None:
            self._about.load()

    def _first_line(self, version: str) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(0)
        words = tr("AI Proxy Desktop {version}, under the MIT licence", version=version)
        line.addWidget(Label(words, tone="secondary", wrap=True), 1)
        for name, title, address in (
            ("source", tr("Source code"), REPOSITORY),
            ("issues", tr("Report a problem"), f"{REPOSITORY}/issues"),
            ("releases", tr("All versions"), f"{REPOSITORY}/releases"),
        ):
            link = Button(self._themes, title, name=f"settings.about.{name}", kind="link")
            link.clicked.connect(lambda _checked=False, to=address: open_url(to))
            line.addWidget(link)
        return line

    def _add_help(self, about: AboutViewModel) -> None:
        """What went wrong, what is missing, and what to show to whoever helps."""
        self._crash = ReportRow(
            self._themes,
            tr("Crash report"),
            tr(
                "Kept on this computer and sent to nobody. It tells where in the code it was; keys, texts and"
                " the names of your files are not in it."
            ),
            name="settings.about.crash",
            deletable=True,
        )
        self._crash.show_wanted.connect(about.open_crash)
        self._crash.hide_wanted.connect(lambda: about.open_crash(is_open=False))
        self._crash.copy_wanted.connect(self._copy_crash)
        self._crash.delete_wanted.connect(about.forget_crash)
        self._facts = ReportRow(
            self._themes,
            tr("Diagnostics"),
            tr("Versions, screens and which services are set up, for whoever helps you. No keys, no texts."),
            name="settings.about.diagnostics",
        )
        self._facts.show_wanted.connect(lambda: self._gather(copying=False))
        self._facts.hide_wanted.connect(self._facts.hide_text)
        self._facts.copy_wanted.connect(lambda: self._gather(copying=True))
        self._lacks = Label("", "meta", "muted", wrap=True)
        self._lacks_row = _titled(tr("Missing on this computer"), self._lacks)
        self.column.addWidget(card_of(self._crash, self._lacks_row, self._facts))
        self.column.addSpacing(12)
        about.changed.connect(self._show)
        about.diagnostics_ready.connect(self._take_facts)
        self._show()

    def _show(self) -> None:
        about = self._about
        assert about is not None
        self._crash.setVisible(about.crash is not None)
        if about.crash is not None:
            self._crash.set_title(tr("Crash report of {when}", when=clock_time(about.crash.when)))
        if about.crash is not None and about.crash_open:
            self._crash.show_text(about.crash.text)
        else:
            self._crash.hide_text()
        lacks = each(about.surroundings.lacks)
        self._lacks_row.setVisible(bool(lacks))
        self._lacks.setText("\n".join(f"{what}. {meaning}" for what, meaning in lacks))

    def _copy_crash(self) -> None:
        about = self._about
        if about is not None and about.crash is not None:
            put_text(about.crash.text)
            about.say_copied(tr("The crash report is copied"))

    def _gather(self, *, copying: bool) -> None:
        assert self._about is not None
        self._copying = copying
        self._about.gather(window_facts(self._themes))

    def _take_facts(self, text: str) -> None:
        assert self._about is not None
        if self._copying:
            put_text(text)
            self._about.say_copied(tr("The diagnostics are copied"))
        else:
            self._facts.show_text(text)

    def _folders(self, facts: AboutFacts, open_folder: Callable[[Path], object]) -> QWidget:
        rows = []
        for name, title, spoken, folder, note in (
            (
                "data",
                tr("Data folder"),
                tr("Open the data folder"),
                facts.data_folder,
                tr("Settings and conversations; keys are never in it."),
            ),
            (
                "logs",
                tr("Log folder"),
                tr("Open the log folder"),
                facts.log_folder,
                tr("What the app did, with keys left out."),
            ),
        ):
            button = Button(
                self._themes, tr("Open"), name=f"settings.about.{name}.open", accessible_name=spoken
            )
            button.clicked.connect(lambda _checked=False, path=folder: open_folder(path))
            rows.append(setting_row(title, str(folder), button, elided=True, below=note))
        return card_of(*rows)

    def _qt_notice(self, about: AboutViewModel, open_folder: Callable[[Path], object]) -> QWidget:
        """What the LGPL asks for: that it is told, and how its libraries are replaced (LGPL 3, section 4)."""
        folder = qt_libraries()
        button = Button(
            self._themes,
            tr("Open"),
            name="settings.about.qt.open",
            accessible_name=tr("Open the folder of Qt's libraries"),
        )
        button.clicked.connect(lambda: open_folder(folder))
        words = tr(
            "The window is made with Qt and Qt for Python, used under the GNU Lesser General Public License,"
            " version 3. Their libraries are files of their own, and you may replace them: close the app, put"
            " your own build of the same version in the place of a file in this folder, and start it again."
        )
        self._qt = ReportRow(
            self._themes, tr("Qt, under the LGPL"), words, name="settings.about.qt", button=button
        )
        self._qt.show_wanted.connect(lambda: self._qt.show_text(about.exchange))
        self._qt.hide_wanted.connect(self._qt.hide_text)
        about.changed.connect(lambda: self._qt.look.setVisible(bool(about.exchange)))
        self._qt.look.setVisible(bool(about.exchange))
        return card_of(self._qt)


def _titled(title: str, label: Label) -> QFrame:
    row = QFrame()
    column = QVBoxLayout(row)
    column.setContentsMargins(16, 10, 16, 10)
    column.setSpacing(0)
    column.addWidget(Label(title, "body_medium"))
    column.addWidget(label)
    return row
