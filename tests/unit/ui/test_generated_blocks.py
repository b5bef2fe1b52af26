"""Blocks, columns and cards of the Generate view, without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aiproxy_desktop.services.images.tasks import ImageTask, Run, Slot
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.generate.blocks import (
    PreviewSteps,
    aspect,
    block_of_runs,
    blocks_of_images,
    groups_of,
)
from aiproxy_desktop.ui.images.generate.words import card_line, elapsed, end_words, state_line

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def names(reference: str) -> tuple[str, str]:
    return reference.partition(":")[2], "Alpha"


def image(name: str, *, run: str = "r", model: str = "a:x", at: float = 0.0, group: str = "") -> StoredImage:
    return StoredImage(
        name,
        name,
        10,
        NOW + timedelta(seconds=at),
        name,
        "generated",
        "image/png",
        1536,
        1024,
        prompt="Boat",
        model=model,
        cost=0.02,
        run=run,
        group=group,
    )


def running(count: int = 2, **options: object) -> Run:
    task = ImageTask("a:x", "Boat", options, count, group="g")
    return Run("r", task, "running", tuple(Slot(place) for place in range(count)), NOW)


def test_previews_are_counted_once_each() -> None:
    steps = PreviewSteps()
    run = running(1, partial_images=2, size="1536x1024")
    first, second = b"first", b"second"
    for preview, step in ((first, 1), (first, 1), (second, 2)):
        now = replace(run, slots=(Slot(0, preview),))
        assert steps.step(now, now.slots[0]) == step
    block = block_of_runs("g", [replace(run, slots=(Slot(0, second),))], names, steps, {}, ())
    (card,) = block.columns[0].cards
    assert card_line(card) == "Early preview 2 of 2"
    assert card.ratio == 1.5
    assert block.columns[0].fraction == 2 / 3


def test_a_run_in_words() -> None:
    steps = PreviewSteps()
    run = running()
    (waiting,) = block_of_runs("g", [run], names, steps, {}, ()).columns
    assert state_line(waiting, NOW + timedelta(seconds=75)) == "Waiting · 1 min 15 s"
    half = replace(run, slots=(Slot(0, None, image("one")), Slot(1)))
    (one,) = block_of_runs("g", [half], names, steps, {}, ()).columns
    assert state_line(one, NOW) == "1 of 2 done · 0 s"
    over = replace(half, state="done", ended_at=NOW + timedelta(seconds=9), cost=None)
    (done,) = block_of_runs("g", [over], names, steps, {}, ()).columns
    assert state_line(done, NOW) == "Done · 9 s · Cost unknown"
    assert end_words(done) == "x: 1 picture done"
    assert len(done.cards) == 1  # what did not come has no place any more
    assert elapsed(59.9) == "59 s"


def test_runs_of_one_group_stand_together() -> None:
    run = running()
    other = replace(run, id="s", task=replace(run.task, model="a:y"))
    lone = replace(run, id="t", task=replace(run.task, group=""))
    assert [key for key, _runs in groups_of([run, other, lone])] == ["g", "run:t"]


def test_former_pictures_stand_as_they_were_asked_for() -> None:
    kept = [
        image("f", run="r4", at=950),  # of one prompt, one after the other
        image("e", run="r3", at=900, group="later"),
        image("d", run="r2", model="a:y", at=40, group="g"),
        image("c", run="r0", at=30, group="other"),  # came in between
        image("b", run="r1", at=5, group="g"),
        image("a", run="r1", at=4, group="g"),
    ]
    blocks = blocks_of_images(kept, names, {"b"})
    assert [[column.name for column in block.columns] for block in blocks] == [
        ["x"],
        ["x"],
        ["x", "y"],
        ["x"],
    ]
    cards = blocks[2].columns[0].cards
    assert [card.deleted for card in cards] == [False, True]
    assert blocks[2].columns[0].cost == 0.04
    assert [one.id for one in blocks[2].images] == ["a", "d"]


def test_the_shape_of_what_is_to_come() -> None:
    assert aspect({"size": "1024x1536"}) == 1024 / 1536
    assert aspect({"aspect_ratio": "16:9"}) == 16 / 9
    assert aspect({"size": "auto"}) == 1
