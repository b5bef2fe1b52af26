"""Which image models can be used now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModelFacts, image_model_facts
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.provider import ImageMaker
from aiproxy_desktop.services.model_offers import ModelOffers
from aiproxy_desktop.services.providers import ProviderState

# Of what was used last, as much as settings take.
_MOST_OPTIONS = 40
_LONGEST_OPTION = 200

# What a change of a picture has no use for: it keeps to its picture's size, and previews cost it more.
OF_NEW_PICTURES = ("size", "aspect_ratio", "image_size", "partial_images")


@dataclass(frozen=True, slots=True)
class ImageOffer:
    """One image model as it can be chosen.

    `facts` is None for a model nobody knows: it gets what is asked of it unchecked. Where it is not `ready`,
    `why` is a sentence a person can act on. `retires_on` is when its provider ends it, if that is told; where
    it has `ended`, nobody answers under that name any more.
    """

    reference: str
    name: str
    provider: str
    provider_label: str
    facts: ImageModelFacts | None
    ready: bool = True
    why: str = ""
    retires_on: date | None = None
    ended: bool = False

    @property
    def model(self) -> str:
        """The provider's own name for it."""
        return self.reference.partition(":")[2]


class ImageModels(ModelOffers[ImageOffer, ImageMaker]):
    """The image models of all providers, best first within each. Follows the providers until `close`."""

    @property
    def default(self) -> ImageOffer | None:
        """The one last used, if it is still there; else the best that is ready; None where none is."""
        last = self.offer_for(self._settings.current.image_model)
        if last is not None and last.ready:
            return last
        ready = [offer for offer in self.all if offer.ready]
        return min(ready, key=self._rank, default=last)

    async def note_used(self, reference: str, options: Mapping[str, Any], *, editing: bool = False) -> None:
        """Remember what was used last, for the next image and the next start.

        Args:
            reference: of the model.
            options: it was asked with.
            editing: a picture was changed: what only new pictures have stays as it was.

        Raises:
            StorageError: it holds for this run, but could not be written.
        """
        plain = {
            name: value
            for name, value in islice(options.items(), _MOST_OPTIONS)
            if isinstance(value, int | float) or (isinstance(value, str) and len(value) <= _LONGEST_OPTION)
        }
        if editing:
            kept = self._settings.current.image_options
            plain = {name: value for name, value in plain.items() if name not in OF_NEW_PICTURES}
            plain = {name: kept[name] for name in OF_NEW_PICTURES if name in kept} | plain
            plain = dict(islice(plain.items(), _MOST_OPTIONS))
        await self._settings.update(image_model=reference, image_options=plain)

    @property
    def last_options(self) -> dict[str, str | int | float | bool]:
        """The options used last, by name; some may be none of the model at hand."""
        return dict(self._settings.current.image_options)

    def _maker(self, provider_id: str) -> ImageMaker | None:
        found = self._provider(provider_id)
        return found if isinstance(found, ImageMaker) else None

    def _listed(self, state: ProviderState, maker: ImageMaker) -> list[ImageOffer]:
        return [one for one in (_offer(state, model) for model in maker.image_models()) if not one.ended]

    def _unlisted(self, state: ProviderState, model: str) -> ImageOffer:
        return _offer(state, ModelInfo(model, state.id, model))

    @staticmethod
    def _rank(offer: ImageOffer) -> int:
        """The table's order; what is not in it comes last."""
        if offer.facts is None:
            return len(IMAGE_MODELS)
        return next((place for place, facts in enumerate(IMAGE_MODELS) if facts.id == offer.facts.id), 0)


def _offer(state: ProviderState, model: ModelInfo) -> ImageOffer:
    facts = image_model_facts(model.id)
    name = model.display_name or model.id
    retires = model.retires_on
    if retires is None and facts is not None and _is_openai_itself(state):
        # Compatible servers and Azure have what their lists name.
        retires = facts.retired_on
    ended = retires is not None and retires <= datetime.now(UTC).date()
    ready = state.status in {"ready", "checking"} and not ended
    why = ""
    if ended:
        why = f"{state.label} has ended {name}. Choose another model."
    elif not ready:
        why = " ".join(filter(None, (f"{state.label}: {state.detail}.", state.advice)))
    return ImageOffer(model.reference, name, state.id, state.label, facts, ready, why, retires, ended)


def _is_openai_itself(state: ProviderState) -> bool:
    from aiproxy_desktop.core.endpoints import origin
    from aiproxy_desktop.core.providers.openai.provider import OPENAI_BASE_URL

    if state.kind != "openai" and state.vendor != "openai":
        return False
    return not state.base_url or origin(state.base_url) == origin(OPENAI_BASE_URL)
