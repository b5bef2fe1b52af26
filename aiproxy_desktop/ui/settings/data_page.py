"""Settings, Data: conversations out and in, and backups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from aiproxy_desktop.services.exchange.service import Format
from aiproxy_desktop.ui.exchange.busy_line import BusyLine
from aiproxy_desktop.ui.exchange.dialogs import ask_for_source, ask_for_target
from aiproxy_desktop.ui.exchange.formats import offer, offers, suggested_name_of_all
from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel, today
from aiproxy_desktop.ui.settings.backup_list import BackupList
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.settings.setting_rows import card_of, setting_row
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label, set_property
from aiproxy_desktop.ui.widgets.segmented import Segmented
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.switch import Switch

_KEPT = (3, 7, 14, 30)


class DataPage(ScrollColumn):
    """Three cards: out and in, the schedule of backups, the backups there are."""

    def __init__(
        self,
        view_model: DataViewModel,
        themes: ThemeController,
        open_folder: Callable[[Path], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Data"), name="settings.data", parent=parent)
        self._view_model = view_model
        self._themes = themes
        self.column.addSpacing(4)
        line = tr(
            "Your conversations are kept on this computer alone. Keys are never in an export or a backup."
        )
        self.column.addWidget(Label(line, "body", "secondary", wrap=True))
        self.column.addSpacing(20)
        self.column.addWidget(self._exchange_card())
        self.column.addSpacing(24)
        self.column.addWidget(Label(tr("Backups"), "reading_strong"))
        self.column.addSpacing(8)
        self.column.addWidget(self._schedule_card(open_folder))
        self.column.addSpacing(12)
        self._list = BackupList(view_model, themes)
        self.column.addWidget(self._list)
        self.column.addStretch(1)
        view_model.busy_changed.connect(self._show_busy)
        view_model.backups_changed.connect(self._show_schedule)
        self._show_busy()
        self._show_schedule()
        view_model.look()

    def ask_what_to_import(self) -> None:
        """Open the dialog for a file."""
        ask_for_source(self, self._view_model.import_from)

    def ask_how_to_export(self) -> None:
        """Open the list of formats."""
        self._export.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._export.open()

    def back_up(self) -> None:
        """Make a backup now."""
        self._view_model.back_up()

    def _exchange_card(self) -> QFrame:
        self._export = Select(
            self._themes,
            tr("Export all…"),
            [(one.form, one.label) for one in offers()],
            name="settings.data.export",
            shows_choice=False,
        )
        self._export.chosen.connect(lambda form: self._ask_target(cast("Format", form)))
        self._import = Button(self._themes, tr("Import…"), name="settings.data.import")
        self._import.clicked.connect(self.ask_what_to_import)
        self._busy_row = BusyLine(self._view_model, self._themes, name="settings.data")
        self._import_row = setting_row(
            tr("Import conversations"),
            tr("An export of this app, of ChatGPT or of Open WebUI. What is here stays as it is."),
            self._import,
        )
        return card_of(
            setting_row(
                tr("Export all conversations"),
                tr("A zip file. JSON holds everything and can be imported again; the others are to read."),
                self._export,
            ),
            self._import_row,
            self._busy_row,
        )

    def _schedule_card(self, open_folder: Callable[[Path], object]) -> QFrame:
        vm, themes = self._view_model, self._themes
        self._on = Switch(themes, name="settings.data.backups", accessible_name=tr("Back up automatically"))
        self._on.toggled.connect(vm.set_scheduled)
        self._every = Segmented(
            themes,
            [("day", tr("Every day")), ("week", tr("Every week"))],
            name="settings.data.every",
            accessible_name=tr("How often"),
        )
        self._every.chosen.connect(lambda every: vm.set_every("week" if every == "week" else "day"))
        self._kept = Select(
            themes,
            "",
            [(str(count), tr("{count} backups", count=count)) for count in _KEPT],
            name="settings.data.kept",
            accessible_name=tr("How many are kept"),
        )
        self._kept.chosen.connect(lambda count: vm.set_kept(int(count)))
        show = Button(
            themes, tr("Open"), name="settings.data.folder", accessible_name=tr("Open the folder of backups")
        )
        show.clicked.connect(lambda: open_folder(vm.folder))
        return card_of(
            setting_row(
                tr("Back up automatically"),
                tr("Copies all conversations while the app is open. Attached files stay where they are."),
                self._on,
            ),
            setting_row(tr("How often"), "", self._every),
            setting_row(
                tr("How many are kept"), tr("Older ones are removed when a new one is made."), self._kept
            ),
            setting_row(tr("Folder"), str(vm.folder), show, elided=True),
        )

    def _ask_target(self, form: Format) -> None:
        label = tr("{format} in a zip file", format=offer(form).label)
        ask_for_target(
            self,
            suggested_name_of_all(form, today()),
            label,
            lambda path: self._view_model.export_all(path, form),
        )

    def _show_busy(self) -> None:
        busy = self._view_model.busy
        set_property(self._import_row, "edge", "bottom" if busy else "none")
        self._export.setEnabled(not busy)
        self._import.setEnabled(not busy)

    def _show_schedule(self) -> None:
        vm = self._view_model
        self._on.set_on(vm.scheduled)
        self._on.update()
        self._every.set_value(vm.every)
        self._every.setEnabled(vm.scheduled)
        self._kept.set_value(str(vm.kept))
        self._kept.set_label(tr("{count} backups", count=vm.kept))
        self._kept.setAccessibleName(tr("How many are kept"))
