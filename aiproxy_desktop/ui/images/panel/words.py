"""The words of the request panel. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence

from aiproxy_desktop.ui.chat.compare.figures import money
from aiproxy_desktop.ui.images.panel.controls import Control
from aiproxy_desktop.ui.images.panel.sizes import size_row, size_words
from aiproxy_desktop.ui.translation import tr, tr_count


def option_label(option: str) -> str:
    """What stands above a control."""
    return {
        "size": tr("Size"),
        "aspect_ratio": tr("Aspect ratio"),
        "image_size": tr("Resolution"),
        "quality": tr("Quality"),
        "background": tr("Background"),
        "output_format": tr("Format"),
        "output_compression": tr("Compression quality"),
        "style": tr("Style"),
        "input_fidelity": tr("Keep details"),
        "moderation": tr("Filtering"),
        "n": tr("Variations"),
        "partial_images": tr("Early previews"),
        "fields": tr("Further fields"),
        "feather": tr("Feather"),
        "protect": tr("Outside the mask"),
    }.get(option, option)


def value_label(control: Control, value: str, *, editing: bool = False, row: bool = False) -> str:
    """What a value is called; `row` for a list, where there is room for a size's proportions."""
    if value in {"", "auto"}:
        if control.option == "size" and editing:
            return tr("As the picture")
        return tr("Auto") if value or control.option in {"size", "aspect_ratio"} else tr("Default")
    if control.option == "size":
        return size_row(value) if row else size_words(value)
    known = {
        "low": tr("Low"),
        "medium": tr("Medium"),
        "high": tr("High"),
        "xhigh": tr("Very high"),
        "max": tr("Highest"),
        "standard": tr("Standard"),
        "hd": tr("HD"),
        "transparent": tr("Transparent"),
        "opaque": tr("Opaque"),
        "png": "PNG",
        "jpeg": "JPEG",
        "webp": "WebP",
        "vivid": tr("Vivid"),
        "natural": tr("Natural"),
    }
    if control.option == "moderation" and value == "low":
        return tr("Less strict")
    return known.get(value, value)


def option_value(option: str, value: object) -> str:
    """What a value is called that a model was asked with."""
    if option == "protect":
        return tr("Kept as it was") if value else tr("As the model made it")
    if option == "feather" and isinstance(value, int | float):
        return tr("{count} px", count=f"{value:g}")
    return value_label(Control(option, "choice"), f"{value}")


def rows_of(control: Control, *, editing: bool) -> list[tuple[str, str]]:
    """What to choose from, as (value, words)."""
    values = control.values if "auto" in control.values else ("", *control.values)
    return [(value, value_label(control, value, editing=editing, row=True)) for value in values]


def about(cost: float) -> str:
    """A price that is not exact: two figures of it are enough."""
    if cost == 0:
        return tr("Free")
    if cost < 0.001:
        return tr("under $0.001")
    return f"${cost:.3f}" if cost < 0.01 else f"${cost:,.2f}"


def cost_before(count: int, costs: Sequence[float | None]) -> str:
    """`2 pictures, about $0.13`, where all or some of the prices are known.

    Args:
        count: of pictures, of all models.
        costs: of each model, US dollars; 0 is free, None unknown.
    """
    pictures = tr_count("{n} picture", "{n} pictures", count)
    known = [cost for cost in costs if cost is not None]
    if not known:
        return tr("{pictures}, price not known", pictures=pictures)
    if len(known) < len(costs):
        if not sum(known):
            return tr("{pictures}, not all prices known", pictures=pictures)
        return tr("{pictures}, more than {cost}", pictures=pictures, cost=about(sum(known)))
    if not sum(known):
        return tr("{pictures}, free", pictures=pictures) if count else tr("Free")
    return tr("{pictures}, about {cost}", pictures=pictures, cost=about(sum(known)))


def cost_after(cost: float | None) -> str:
    """What it did cost."""
    return tr("Cost unknown") if cost is None else money(cost)


def references_line(count: int, most: int) -> str:
    """`1 of 15`."""
    return tr("{count} of {most}", count=count, most=most)
