"""The strip of versions: steps, branches, and what a version was made from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiproxy_desktop.storage.image_records import ImageParent, StoredImage
from aiproxy_desktop.ui.images.edit.brush import brush_at, step_of
from aiproxy_desktop.ui.images.edit.order import lineage, versions

BEGIN = datetime(2026, 11, 26, tzinfo=UTC)


def image(name: str, minute: int, base: str = "", reference: str = "") -> StoredImage:
    parents = [ImageParent(base)] if base else []
    parents += [ImageParent(reference, "reference")] if reference else []
    return StoredImage(
        name,
        "0" * 64,
        1,
        BEGIN + timedelta(minutes=minute),
        "a",
        "edited" if base else "opened",
        "image/png",
        8,
        8,
        parents=tuple(parents),
    )


FAMILY = (
    image("a", 0),
    image("b", 1, "a"),
    image("c", 2, "a"),
    image("d", 3, "c", reference="b"),
    image("e", 4, "b"),
)


def test_versions_stand_step_by_step_and_branches_have_letters() -> None:
    found = versions(FAMILY)
    assert [(one.image.id, one.number, one.joint) for one in found] == [
        ("a", "1", "first"),
        ("b", "2", "next"),
        ("c", "2b", "branch"),
        ("d", "3", "next"),
        ("e", "3b", "branch"),
    ]


def test_a_lineage_goes_by_what_was_changed_and_not_by_references() -> None:
    assert lineage("d", FAMILY) == ("d", "c", "a")
    assert lineage("a", FAMILY) == ("a",)


def test_what_came_from_a_deleted_version_begins_anew() -> None:
    left = tuple(one for one in FAMILY if one.id != "c")
    assert [(one.image.id, one.number) for one in versions(left)] == [
        ("a", "1"),
        ("d", "1b"),
        ("b", "2"),
        ("e", "3"),
    ]


def test_more_versions_of_a_step_than_there_are_letters() -> None:
    many = (image("a", 0), *(image(f"v{number}", number, "a") for number in range(1, 30)))
    numbers = [one.number for one in versions(many)]
    assert numbers[25:29] == ["2y", "2z", "2aa", "2ab"]


def test_every_size_of_the_brush_has_a_place_on_the_slider() -> None:
    assert (brush_at(0), brush_at(1000)) == (1, 1000)
    for size in (1, 2, 3, 7, 40, 96, 500, 1000):
        assert abs(brush_at(step_of(size)) - size) <= max(1, size // 100)
