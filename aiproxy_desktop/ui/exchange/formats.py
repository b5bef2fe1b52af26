"""The formats conversations go out in, and how files of them are called. No Qt."""

from __future__ import annotations

from typing import NamedTuple

from aiproxy_desktop.services.exchange.files import file_name
from aiproxy_desktop.services.exchange.service import Format
from aiproxy_desktop.ui.translation import tr


class Offer(NamedTuple):
    """One format as it is offered."""

    form: Format
    label: str
    ending: str


def offers() -> tuple[Offer, ...]:
    """All of them, in the order in which they are listed."""
    return (
        Offer("markdown", tr("Markdown"), "md"),
        Offer("html", tr("Web page (HTML)"), "html"),
        Offer("pdf", tr("PDF"), "pdf"),
        Offer("json", tr("JSON, everything"), "json"),
    )


def offer(form: Format) -> Offer:
    """One of them."""
    return next(one for one in offers() if one.form == form)


def suggested_name(title: str, form: Format) -> str:
    """A name for the file of one conversation."""
    return f"{file_name(title)}.{offer(form).ending}"


def suggested_name_of_all(form: Format, day: str) -> str:
    """A name for the zip of all conversations; `day` is as in 2026-11-25."""
    return f"{tr('conversations')}-{day}-{offer(form).ending}.zip"
