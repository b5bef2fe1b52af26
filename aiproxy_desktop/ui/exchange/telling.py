"""What exports, imports and backups have to say, said in the window."""

from __future__ import annotations

from aiproxy_desktop.services.backups import BackupService
from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel, Told
from aiproxy_desktop.ui.shell.main_window import MainWindow
from aiproxy_desktop.ui.shell.open_url import open_folder
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.toast import ToastMessage


def tell_of_data(window: MainWindow, data: DataViewModel, backups: BackupService) -> None:
    """Say what came of it, with a way to the file there is; and that a scheduled backup failed."""

    def say(told: Told) -> None:
        folder = told.folder
        if folder is None:
            window.show_toast(ToastMessage(told.text))
        else:
            window.show_toast(
                ToastMessage(told.text, tr("Open folder"), lambda: _ignore(open_folder(folder)))
            )

    data.noticed.connect(say)
    backups.on_failed(
        lambda error: _ignore(
            window.show_banner("warning", tr("The history was not backed up. {error}", error=error))
        )
    )


def _ignore(_value: object) -> None:
    pass
