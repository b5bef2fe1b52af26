"""Image models as lines of a list: a heading for each provider, then its models. No Qt here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby

from aiproxy_desktop.services.images.catalogue import ImageOffer
from aiproxy_desktop.ui.moments import day
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.offer_row import OfferRow


def offer_rows(offers: Iterable[ImageOffer], query: str, chosen: Collection[str]) -> list[OfferRow]:
    """What fits a search, by provider, those that are ready first.

    Args:
        offers: all of them.
        query: each of its words must be in a model's name, id or provider.
        chosen: references of the models that are asked.
    """
    words = query.casefold().split()
    fitting = [offer for offer in offers if all(word in _searched(offer) for word in words)]
    # A provider's models stay together; Python's sort keeps their order.
    fitting.sort(key=lambda offer: not offer.ready)
    rows: list[OfferRow] = []
    for label, group in groupby(fitting, key=lambda offer: offer.provider_label):
        rows.append(OfferRow(label))
        rows += [_row(offer, offer.reference in chosen) for offer in group]
    return rows


def chosen_words(chosen: Collection[ImageOffer]) -> str:
    """What the button says."""
    if not chosen:
        return tr("Choose a model")
    if len(chosen) == 1:
        return next(iter(chosen)).name
    return tr_count("{n} model", "{n} models side by side", len(chosen))


def _row(offer: ImageOffer, chosen: bool) -> OfferRow:
    if not offer.ready:
        return OfferRow(offer.name, offer.reference, False, chosen, tr("Not ready"), offer.why)
    note = tr("until {day}", day=day(offer.retires_on)) if offer.retires_on is not None else ""
    return OfferRow(offer.name, offer.reference, True, chosen, note)


def _searched(offer: ImageOffer) -> str:
    return f"{offer.name} {offer.reference} {offer.provider_label}".casefold()
