"""Live models as lines of a list: a heading for each provider, then its models. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from aiproxy_desktop.services.voice.values import VoiceOffer
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.offer_row import OfferRow


def offer_rows(offers: Iterable[VoiceOffer], query: str, chosen: str) -> list[OfferRow]:
    """What fits a search, by provider, those that are ready first.

    Args:
        offers: all of them.
        query: each of its words must be in a model's name, id or provider.
        chosen: reference of the one talked with.
    """
    words = query.casefold().split()
    fitting = [offer for offer in offers if all(word in _searched(offer) for word in words)]
    fitting.sort(key=lambda offer: not offer.ready)  # the order within stays
    rows: list[OfferRow] = []
    for label, group in groupby(fitting, key=lambda offer: offer.provider_label):
        rows.append(OfferRow(label))
        rows += [_row(offer, offer.reference == chosen) for offer in group]
    return rows


def _row(offer: VoiceOffer, chosen: bool) -> OfferRow:
    note = "" if offer.ready else tr("Not ready")
    return OfferRow(offer.name, offer.reference, offer.ready, chosen, note, offer.why)


def _searched(offer: VoiceOffer) -> str:
    return f"{offer.name} {offer.reference} {offer.provider_label}".casefold()
