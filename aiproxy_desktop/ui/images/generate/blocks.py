"""What was asked and what came of it, as it is shown: blocks, columns, cards. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.images.tasks import Run, RunState, Slot
from aiproxy_desktop.storage.image_records import StoredImage


@dataclass(frozen=True, slots=True)
class Card:
    """The place of one picture: empty, with an early preview (`step` of `steps`), or with what was made.

    `ratio` is width by height, as far as it is known. A `deleted` picture leaves its place until it is
    brought back.
    """

    key: str
    image: StoredImage | None = None
    preview: bytes | None = field(default=None, repr=False)
    step: int = 0
    steps: int = 0
    ratio: float = 1.0
    deleted: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One model's answer. `name` and `provider` as a person knows them."""

    run_id: str
    reference: str
    name: str
    provider: str
    state: RunState
    began_at: datetime
    ended_at: datetime | None
    cost: float | None
    cards: tuple[Card, ...]
    error: AIProxyError | None = None
    words: str = ""
    notes: tuple[str, ...] = ()
    here: bool = True  # of this session: it can be retried and cancelled

    @property
    def done(self) -> int:
        """How many pictures are there."""
        return sum(card.image is not None for card in self.cards)

    @property
    def fraction(self) -> float | None:
        """How far it is, by the pictures and previews that came; None while nothing came."""
        parts = [
            1.0 if card.image is not None else card.step / (card.steps + 1) if card.steps else 0.0
            for card in self.cards
        ]
        return sum(parts) / len(parts) if any(parts) else None


@dataclass(frozen=True, slots=True)
class Block:
    """One prompt and everything it was asked of."""

    key: str
    prompt: str
    began_at: datetime
    columns: tuple[Column, ...]

    @property
    def running(self) -> tuple[str, ...]:
        """The ids of its runs that go on."""
        return tuple(column.run_id for column in self.columns if column.state == "running")

    @property
    def images(self) -> tuple[StoredImage, ...]:
        """Its pictures that are there."""
        return tuple(
            card.image
            for column in self.columns
            for card in column.cards
            if card.image is not None and not card.deleted
        )


class PreviewSteps:
    """Counts the previews of each picture: a slot holds the last one alone."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, int], tuple[int, bytes]] = {}

    def step(self, run: Run, slot: Slot) -> int:
        """How many early previews of this picture came so far."""
        if run.state != "running" or slot.preview is None:
            return 0
        step, last = self._last.get((run.id, slot.index), (0, b""))
        if slot.preview is not last:
            step += 1
            self._last[run.id, slot.index] = step, slot.preview
        return step

    def forget(self, run_id: str) -> None:
        """It is over."""
        self._last = {key: value for key, value in self._last.items() if key[0] != run_id}


# A model's name and its provider's, by reference.
Names = Callable[[str], tuple[str, str]]


def block_of_runs(
    key: str,
    runs: Sequence[Run],
    names: Names,
    steps: PreviewSteps,
    images: Mapping[str, StoredImage],
    deleted: Collection[str],
) -> Block:
    """What runs of this session show.

    Args:
        key: of their group.
        runs: at least one, in the order in which they were begun.
        names: of the models.
        steps: counts the previews.
        images: pictures as they are now, where they changed since they were made.
        deleted: ids of pictures that were deleted.
    """
    columns = []
    for run in runs:
        name, provider = names(run.task.model)
        wanted = int(run.task.options.get("partial_images", 0) or 0)
        cards = tuple(
            _card_of_slot(run, slot, steps.step(run, slot), wanted, images, deleted)
            for slot in run.slots
            if run.state == "running" or slot.image is not None
        )
        columns.append(
            Column(
                run.id,
                run.task.model,
                name,
                provider,
                run.state,
                run.began_at,
                run.ended_at,
                run.cost,
                cards,
                run.error,
                run.words,
                run.notes,
            )
        )
    return Block(key, runs[0].task.prompt, runs[0].began_at, tuple(columns))


def blocks_of_images(
    images: Iterable[StoredImage], names: Names, deleted: Collection[str] = ()
) -> tuple[Block, ...]:
    """What former sessions made, newest first; models asked together stand together again.

    Args:
        images: newest first.
        names: of the models.
        deleted: ids of pictures that were deleted since they were read.
    """
    by_run: dict[str, list[StoredImage]] = {}
    for image in images:
        if image.run:
            by_run.setdefault(image.run, []).append(image)
    # A retry stands where its group does; the newest image of a group places it.
    groups: dict[str, list[Column]] = {}
    prompts: dict[str, str] = {}
    for run in by_run.values():
        run.reverse()  # in the order in which they came
        key = run[0].group or f"kept:{run[0].run}"
        prompts[key] = run[0].prompt
        groups.setdefault(key, []).insert(0, _column_of_images(run, names, deleted))
    return tuple(
        Block(key, prompts[key], columns[0].began_at, tuple(columns)) for key, columns in groups.items()
    )


def aspect(options: Mapping[str, Any]) -> float:
    """Width by height, as options ask for it; a square where they say nothing."""
    for name, between in (("size", "x"), ("aspect_ratio", ":")):
        width, found, height = str(options.get(name, "")).partition(between)
        if found and width.isdecimal() and height.isdecimal() and int(width) and int(height):
            return int(width) / int(height)
    return 1.0


def groups_of(runs: Iterable[Run]) -> list[tuple[str, tuple[Run, ...]]]:
    """Runs that were begun together, by their group; in the order in which they were begun."""
    return [
        (key, tuple(group)) for key, group in groupby(runs, key=lambda run: run.task.group or f"run:{run.id}")
    ]


def _card_of_slot(
    run: Run,
    slot: Slot,
    step: int,
    steps: int,
    images: Mapping[str, StoredImage],
    deleted: Collection[str],
) -> Card:
    key = f"{run.id}:{slot.index}"
    image = slot.image
    if image is None:
        base = run.task.base
        ratio = base.width / base.height if base is not None and base.height else aspect(run.task.options)
        return Card(key, None, slot.preview, step, max(step, steps), ratio, live=run.state == "running")
    image = images.get(image.id, image)
    return Card(key, image, ratio=image.width / max(image.height, 1), deleted=image.id in deleted)


def _card_of_image(image: StoredImage, deleted: bool) -> Card:
    return Card(f"kept:{image.id}", image, ratio=image.width / max(image.height, 1), deleted=deleted)


def _column_of_images(run: Sequence[StoredImage], names: Names, deleted: Collection[str]) -> Column:
    first = run[0]
    costs = [image.cost for image in run if image.cost is not None]
    return Column(
        first.run,
        first.model,
        *names(first.model),
        "done",
        first.created_at,
        None,
        sum(costs) if len(costs) == len(run) else None,
        tuple(_card_of_image(image, image.id in deleted) for image in run),
        here=False,
    )
