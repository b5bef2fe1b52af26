"""Which part of a picture goes to a model, and at which size."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModelFacts
from aiproxy_desktop.core.images.requests import check_options
from aiproxy_desktop.services.images.planning import EditPlan, plan_edit
from tests.unit.services.images.test_guarantee import FIXED, FREE, MODELS, RATIOS


def check(plan: EditPlan, facts: ImageModelFacts | None) -> None:
    """What holds of every plan."""
    left, top, right, bottom = plan.region
    assert 0 <= left < right <= plan.size[0]
    assert 0 <= top < bottom <= plan.size[1]
    assert all(side >= 0 for side in plan.padding())
    wide, high = plan.content_size
    # Not stretched by more than rounding to whole pixels asks for.
    stretch = (wide / plan.region_size[0]) / (high / plan.region_size[1])
    assert abs(stretch - 1) < 2 / min(wide, high)
    if facts is not None and facts.free_size:
        across, down = plan.sent_size
        assert across % 16 == down % 16 == 0
        assert max(across, down) <= 3 * min(across, down)
        assert max(across, down) <= 3840
        assert min(across, down) <= 2160
        assert plan.options == {"size": f"{across}x{down}"}
    elif facts is not None and facts.sizes:
        assert plan.options["size"] in facts.sizes


def test_every_plan_is_one_that_the_model_takes() -> None:
    chance = random.Random(4)
    for number in range(600):
        size = chance.randint(1, 9000), chance.randint(1, 9000)
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        box = (x, y, min(size[0], x + chance.randint(1, 2000)), min(size[1], y + chance.randint(1, 2000)))
        facts = MODELS[number % 4]
        plan = plan_edit(size, box if chance.random() < 0.7 else None, facts, {})
        check(plan, facts)
        if not plan.whole:
            assert plan.region[0] <= box[0] < box[2] <= plan.region[2]
            assert plan.region[1] <= box[1] < box[3] <= plan.region[3]


@pytest.mark.parametrize("facts", [one for one in IMAGE_MODELS if one.edits], ids=lambda one: one.id)
def test_every_model_of_the_table_takes_what_is_planned_for_it(facts: ImageModelFacts) -> None:
    chance = random.Random(facts.id)
    for _ in range(60):
        size = chance.randint(8, 7000), chance.randint(8, 7000)
        box = (size[0] // 3, size[1] // 3, size[0] // 3 + 5, size[1] // 3 + 4)
        plan = plan_edit(
            size, box if chance.random() < 0.5 else None, facts, {"size": "auto"} if facts.sizes else {}
        )
        check(plan, facts if facts.free_size else None)
        check_options(facts, "x", plan.options, inputs=1, mask=facts.masks)


def test_a_patch_in_a_large_photo_keeps_its_sharpness() -> None:
    patch = (4000, 3000, 4300, 3200)
    for facts in (FREE, FIXED, RATIOS):
        plan = plan_edit((8192, 6144), patch, facts, {})
        assert plan.scale >= 1
        assert not plan.whole
        # Generous: the model sees what the patch stands in.
        assert plan.region[0] <= patch[0] - 190
        assert plan.region[3] >= patch[3] + 190
    whole = plan_edit((8192, 6144), None, FREE, {})
    assert whole.whole
    assert whole.sent_size == (2880, 2160)
    assert plan_edit((8192, 6144), (100, 100, 8000, 6000), FREE, {}).whole


def test_what_fits_is_sent_pixel_for_pixel() -> None:
    plan = plan_edit((1536, 1024), (0, 0, 9, 9), FREE, {})
    assert (plan.region, plan.content, plan.sent_size) == (
        (0, 0, 1536, 1024),
        (0, 0, 1536, 1024),
        (1536, 1024),
    )


@pytest.mark.parametrize(
    ("size", "options", "sent", "content"),
    [
        ((2000, 1000), {}, (1024, 1024), (0, 256, 1024, 768)),
        ((500, 500), {}, (512, 512), (6, 6, 506, 506)),
        ((500, 500), {"size": "256x256"}, (256, 256), (0, 0, 256, 256)),
        ((500, 500), {"size": "auto"}, (512, 512), (6, 6, 506, 506)),
    ],
)
def test_fixed_sizes_are_padded_and_a_chosen_one_is_kept_to(
    size: tuple[int, int], options: dict[str, Any], sent: tuple[int, int], content: tuple[int, int, int, int]
) -> None:
    plan = plan_edit(size, None, FIXED, options)
    assert (plan.sent_size, plan.content) == (sent, content)


def test_shapes_and_resolutions() -> None:
    plan = plan_edit((4000, 2250), None, RATIOS, {})
    assert plan.options == {"aspect_ratio": "16:9", "image_size": "4K"}
    assert plan.content == (0, 0, *plan.sent_size)
    chosen = plan_edit((4000, 2250), None, RATIOS, {"aspect_ratio": "1:1", "image_size": "1K"})
    assert chosen.options == {"aspect_ratio": "1:1", "image_size": "1K"}
    assert chosen.sent_size[0] == chosen.sent_size[1] == 1024
    without = replace(RATIOS, resolutions=())
    assert plan_edit((300, 200), None, without, {}).options == {"aspect_ratio": "3:2"}


def test_a_model_that_nothing_is_known_of_gets_the_picture_as_it_is() -> None:
    plan = plan_edit((777, 333), (1, 2, 3, 4), None, {"quality": "high"})
    assert (plan.region, plan.content, plan.sent_size) == ((0, 0, 777, 333), (0, 0, 777, 333), (777, 333))
    assert plan.options == {}
