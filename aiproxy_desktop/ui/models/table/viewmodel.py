"""What the table shows: rows of every provider, narrowed, sorted, kept for the next start. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.model_settings import ColumnView, ModelsView
from aiproxy_desktop.ui.models.filters.choices import toggled
from aiproxy_desktop.ui.models.filters.matching import filter_count
from aiproxy_desktop.ui.models.table.listing import Listing
from aiproxy_desktop.ui.models.table.rows import Row, SpeedOf

# Milliseconds. What changes within one of these is taken in together.
_GATHER = 30
# A column that is dragged changes with every pixel; it is written down once it rests.
_KEEP_AFTER = 400


class ModelTable(QObject):
    """Rows and the view on them. Every action returns at once."""

    rows_changed = Signal()  # read `rows`
    view_changed = Signal()  # read `view`
    failed = Signal(object)  # AIProxyError: something could not be kept

    def __init__(
        self,
        providers: ProviderService,
        settings: SettingsService,
        speed: SpeedOf,
        scope: TaskScope,
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing runs before `start`.

        Args:
            providers: whose models are listed.
            settings: favourites, hidden models and the view are kept there.
            speed: how fast a model was seen to be, by reference.
            scope: owner of the tasks.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._providers = providers
        self._settings = settings
        self._scope = scope
        self._listing = Listing(speed)
        self._view = ModelsView()
        self._query = ""
        self._unsubscribe: list[Callable[[], None]] = []
        self._gathering = _timer(self, _GATHER, self._gather)
        self._keeping = _timer(self, _KEEP_AFTER, self._keep)

    def start(self) -> None:
        """Take up the view that was kept, and follow the providers."""
        if self._unsubscribe:
            return
        self._view = self._settings.current.models_view
        self._unsubscribe = [
            self._providers.subscribe(self._gathering.start),
            self._settings.subscribe(lambda _settings: self._gathering.start()),
        ]
        self.view_changed.emit()
        self._gather()

    async def close(self) -> None:
        """Follow nothing any more, and keep what was not kept yet."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._gathering.stop()
        if self._keeping.isActive():
            self._keeping.stop()
            try:
                await self._settings.update(models_view=self._view)
            except AIProxyError as error:
                self.failed.emit(error)

    # What is shown

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that are shown, in order."""
        return self._listing.shown

    @property
    def total(self) -> int:
        """How many models there are, hidden ones only where these are shown too."""
        return self._listing.total(hidden=self._view.hidden)

    @property
    def hidden_count(self) -> int:
        """How many are hidden."""
        return self._listing.total(hidden=True) - self._listing.total(hidden=False)

    @property
    def view(self) -> ModelsView:
        """Columns, sort and filters."""
        return self._view

    @property
    def query(self) -> str:
        """What is searched for."""
        return self._query

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return bool(self._query.strip()) or filter_count(self._view) > 0

    @property
    def states(self) -> tuple[ProviderState, ...]:
        """Of all providers."""
        return self._providers.states()

    @property
    def listed_at(self) -> datetime | None:
        """When the newest list came; what is built in needs no network, and says nothing of it."""
        times = [state.listed_at for state in self.states if state.kind != "builtin"]
        return max((time for time in times if time is not None), default=None)

    def row(self, reference: str) -> Row | None:
        """The row of a model, shown or not."""
        return self._listing.row(reference)

    # What can be done

    def search(self, text: str) -> None:
        """Show the models that hold these words."""
        if text != self._query:
            self._query = text
            self._show()

    def set_filters(self, **changes: Any) -> None:
        """Change filters by their names in `ModelsView`."""
        self._change(**changes)
        self._show()

    def clear_filters(self) -> None:
        """Show all there is, the search apart."""
        plain = ModelsView(columns=self._view.columns, sort=self._view.sort, descending=self._view.descending)
        self.set_filters(**msgspec.structs.asdict(plain))

    def sort(self, column: str) -> None:
        """Sort by a column; by the same once more, the other way round."""
        again = column == self._view.sort
        self.set_sort(column, descending=not self._view.descending if again else False)

    def set_sort(self, column: str, *, descending: bool) -> None:
        """Sort by a column."""
        self._change(sort=column, descending=descending)
        self._show()

    def set_columns(self, columns: Sequence[ColumnView]) -> None:
        """Remember how the columns stand; the table shows it already."""
        if tuple(columns) != self._view.columns:
            self._view = msgspec.structs.replace(self._view, columns=tuple(columns))
            self._keeping.start()

    def show_column(self, columns: Sequence[ColumnView], column: str, *, shown: bool) -> None:
        """Show or hide a column, of these as they stand."""
        self._change(
            columns=tuple(
                msgspec.structs.replace(one, shown=shown) if one.id == column else one for one in columns
            )
        )

    def toggle_favourite(self, reference: str) -> None:
        """Make a model a favourite, or no longer."""
        self._toggle("favourite_models", reference)

    def toggle_hidden(self, reference: str) -> None:
        """Leave a model out, or bring it back."""
        self._toggle("hidden_models", reference)

    def look_again(self) -> None:
        """Speeds were seen that are not shown yet."""
        self._listing.look_again()
        self._show()

    # Inside

    def _change(self, **changes: Any) -> None:
        self._view = msgspec.structs.replace(self._view, **changes)
        self._keeping.start()
        self.view_changed.emit()

    def _gather(self) -> None:
        current = self._settings.current
        if self._listing.take(self._providers.states(), current.favourite_models, current.hidden_models):
            self._show()

    def _show(self) -> None:
        self._listing.show(self._view, self._query)
        self.rows_changed.emit()

    def _keep(self) -> None:
        self._update(models_view=self._view)

    def _toggle(self, field: str, reference: str) -> None:
        async def toggle() -> None:
            # Worked out here: another one may have been toggled between the click and this.
            now = toggled(getattr(self._settings.current, field), reference)
            await self._settings.update(**{field: now})

        self._scope.attempt(toggle, self.failed.emit, "models view")

    def _update(self, **changes: Any) -> None:
        self._scope.attempt(lambda: self._settings.update(**changes), self.failed.emit, "models view")


def _timer(owner: QObject, milliseconds: int, then: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(then)
    return timer
