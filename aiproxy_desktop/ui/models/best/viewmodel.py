"""What is needed of a model, and who comes first for it. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.selection import Candidate, Selection, select_model
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.model_facts import ModelFactsService, ModelLists
from aiproxy_desktop.services.provider_states import chats
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.ui.models.best.needs import Loosening, Needs, at_hand, loosenings
from aiproxy_desktop.ui.models.best.reasons import lack_words, reason_words

_MOST_FITTING = 12
_MOST_NEARLY = 8
MOST_ENTRIES = _MOST_FITTING + _MOST_NEARLY

_MOST_LOOSENINGS = 3
# Milliseconds. What is ticked within one of these is ranked once.
_GATHER = 120
# With more models than this, ranking them is too long for the loop.
_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of the list; `rank` counts those that fit from 1, and is 0 for one that nearly does."""

    rank: int
    reference: str
    name: str
    provider: str
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    may_fit: bool = False
    chats: bool = True


@dataclass(frozen=True, slots=True)
class Advice:
    """The outcome: at most 20 entries in all, and how many fit of how many there are.

    `loosenings` are needs to give up, where nothing fits.
    """

    fitting: tuple[Entry, ...] = ()
    nearly: tuple[Entry, ...] = ()
    fits: int = 0
    considered: int = 0
    loosenings: tuple[Loosening, ...] = ()


class BestViewModel(QObject):
    """Ranks while it is watched; await `close` at the end."""

    needs_changed = Signal()  # read `needs`
    changed = Signal()  # read `advice`

    def __init__(
        self,
        providers: ModelLists,
        settings: SettingsService,
        facts: ModelFactsService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire up; nothing is ranked before `watch`.

        Args:
            providers: whose models there are.
            settings: which models are hidden.
            facts: how fast models were here.
            on_unexpected: told what nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._providers = providers
        self._settings = settings
        self._facts = facts
        self._on_unexpected = on_unexpected
        self._scope = TaskScope("find the best", on_unexpected)
        self._needs = Needs()
        self._advice: Advice | None = None
        self._round = 0
        self._unsubscribe: list[Callable[[], None]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GATHER)
        self._timer.timeout.connect(self._rank)

    async def close(self) -> None:
        """Leave nothing running."""
        self.unwatch()
        await self._scope.close()

    @property
    def needs(self) -> Needs:
        """What is asked for."""
        return self._needs

    @property
    def advice(self) -> Advice | None:
        """Who comes first; None while that is not worked out."""
        return self._advice

    def watch(self) -> None:
        """Somebody looks: rank now, and whenever something changes."""
        if not self._unsubscribe and not self._scope.closed:
            self._unsubscribe = [
                self._providers.subscribe(self._later),
                self._settings.subscribe(lambda _settings: self._later()),
                self._facts.changed.add(lambda _references: self._later()),
            ]
            self._rank()

    def unwatch(self) -> None:
        """Nobody looks any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._timer.stop()

    def need(self, **changes: Any) -> None:
        """Ask for something else; fields as in `Needs`."""
        self.take(replace(self._needs, **changes))

    def need_ability(self, name: str, on: bool) -> None:
        """Ask for an ability, or not."""
        others = self._needs.abilities - {name}
        self.need(abilities=others | {name} if on else others)

    def take(self, needs: Needs) -> None:
        """Ask for exactly this."""
        if needs != self._needs:
            self._needs = needs
            self.needs_changed.emit()
            self._later()

    # Inside

    def _later(self) -> None:
        if self._unsubscribe and not self._timer.isActive():
            self._timer.start()

    def _rank(self) -> None:
        if self._scope.closed:
            return
        self._round += 1
        states, needs = self._providers.states(), self._needs
        models = at_hand(states, needs, self._settings.current.hidden_models)
        labels = {state.id: state.label for state in states}
        seen = {model.reference: self._facts.seen(model.reference) for model in models}

        def work() -> Advice:
            selection = select_model(
                models,
                needs.requirements,
                lambda reference: seen[reference].wait,
                rate=lambda reference: seen[reference].speed,
            )
            return advice_of(selection, needs, labels)

        if len(models) <= _AT_ONCE:
            self._show(work())
        else:
            self._scope.attempt(partial(self._rank_away, work, self._round), self._refused, "rank")

    async def _rank_away(self, work: Callable[[], Advice], this: int) -> None:
        advice = await on_thread(work, "rank")
        if this == self._round:
            self._show(advice)

    def _show(self, advice: Advice) -> None:
        if advice != self._advice:
            self._advice = advice
            self.changed.emit()

    def _refused(self, error: AIProxyError) -> None:
        # The requirements are this module's own; that they are wrong is nothing a person can mend.
        self._on_unexpected(error)


def advice_of(selection: Selection, needs: Needs, labels: dict[str, str]) -> Advice:
    """The best of a ranking, in words; `labels` are the providers' names."""
    fits = sum(one.fits for one in selection.ranking)
    fitting = selection.ranking[: min(fits, _MOST_FITTING)]
    nearly = selection.ranking[fits : fits + _MOST_NEARLY]
    return Advice(
        tuple(_entry(one, labels, rank) for rank, one in enumerate(fitting, 1)),
        tuple(_entry(one, labels, 0) for one in _worth_telling(nearly)),
        fits,
        selection.considered,
        () if fits else loosenings(needs, selection.ranking)[:_MOST_LOOSENINGS],
    )


def _worth_telling(nearly: Iterable[Candidate]) -> Sequence[Candidate]:
    """What is retired is no advice."""
    return [one for one in nearly if not any(lack.kind == "retired" for lack in one.lacks)]


def _entry(candidate: Candidate, labels: dict[str, str], rank: int) -> Entry:
    model: ModelInfo = candidate.model
    return Entry(
        rank,
        model.reference,
        model.display_name,
        labels.get(model.provider, model.provider),
        tuple(map(reason_words, candidate.reasons)) if rank else (),
        tuple(map(reason_words, candidate.notes)),
        tuple(map(lack_words, candidate.lacks)),
        candidate.may_fit,
        chats(model),
    )
