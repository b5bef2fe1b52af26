"""Images by OpenAI and servers that speak like it: the seed's OpenAIImageProvider."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.blocking import run_blocking
from aiproxy_desktop.core.completions import BaseCompletions
from aiproxy_desktop.core.cooldown import Cooldowns
from aiproxy_desktop.core.credentials import EnvironmentCredentials, StaticCredentials
from aiproxy_desktop.core.errors import UnsupportedError
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.images.answers import refuse_previews, whole_answer
from aiproxy_desktop.core.images.inputs import bytes_of, image_inputs
from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModel, ImageModelFacts, image_model_facts
from aiproxy_desktop.core.images.requests import without_unknown
from aiproxy_desktop.core.images.running import stream_images
from aiproxy_desktop.core.images.values import ImageInput, ImageRequest
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.retry import NO_RETRY

if TYPE_CHECKING:
    from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider

_ID, _LABEL = "openai", "OpenAI"


class OpenAIImageProvider(BaseCompletions):
    """Generates and edits images; which model does it is always said.

    `generate` and `edit` wait for the answer; `generate_async` and `edit_async` are for a running loop.
    """

    def __init__(self, api_key: str | None = None, base_url: str | None = None) -> None:
        """Nothing is checked or sent yet.

        Args:
            api_key: by default OPENAI_API_KEY at each call, or that of the vendor whose host `base_url`
                names; another server is asked without a key, never with OpenAI's.
            base_url: by default OPENAI_BASE_URL, else OpenAI's own.
        """
        self._credentials: Credentials = (
            EnvironmentCredentials(os.environ) if api_key is None else StaticCredentials({_ID: api_key})
        )
        self._key_owner = _ID
        if api_key is None and base_url is not None:
            from aiproxy_desktop.core.providers.openai.vendors import key_owner

            self._key_owner = key_owner(base_url)
        self._base_url = base_url

    async def create_completion(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Image models complete no text.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("Image models do not complete text", "Call generate() or edit().", part="text")

    def list_models(self) -> list[dict[str, Any]]:
        """The image models known here: id, capabilities (sizes, features, qualities …), retired_on."""
        return [_entry(facts) for facts in IMAGE_MODELS if facts.maker == _ID]

    def generate(self, model: str | ImageModel, prompt: str, **options: Any) -> dict[str, Any]:
        """Images for a prompt; see `generate_async`. Blocks until they are there."""
        return run_blocking(lambda: self.generate_async(model, prompt, **options))

    def edit(
        self,
        image: bytes | str | Sequence[bytes | str],
        prompt: str,
        mask: bytes | str | None = None,
        model: str | ImageModel = ImageModel.GPT_IMAGE_2,
        **options: Any,
    ) -> dict[str, Any]:
        """An image changed as the prompt says; see `edit_async`. Blocks until it is there."""
        return run_blocking(lambda: self.edit_async(image, prompt, mask, model, **options))

    async def generate_async(self, model: str | ImageModel, prompt: str, **options: Any) -> dict[str, Any]:
        """Images for a prompt.

        Args:
            model: which model; always said.
            prompt: what to show.
            **options: size, quality, style, n and the request's own fields (background, output_format,
                output_compression, moderation, user …).

        Returns:
            See `answers.whole_answer`. An option that the model does not have is left out, with a note.

        Raises:
            AIProxyError: and nothing else.
        """
        return await self._whole(_text(model), prompt, (), None, options)

    async def edit_async(
        self,
        image: bytes | str | Sequence[bytes | str],
        prompt: str,
        mask: bytes | str | None = None,
        model: str | ImageModel = ImageModel.GPT_IMAGE_2,
        **options: Any,
    ) -> dict[str, Any]:
        """One image (or up to 16) changed as the prompt says.

        Args:
            image: PNG, WebP or JPEG, in bytes or base64.
            prompt: what to change.
            mask: a PNG of the first image's size; it is changed where the mask is transparent.
            model: which model.
            **options: as `generate_async`.

        Returns:
            As `generate_async`.

        Raises:
            AIProxyError: and nothing else.
        """
        return await self._whole(_text(model), prompt, image_inputs(image), mask, options)

    async def _whole(
        self,
        model: str,
        prompt: str,
        images: tuple[ImageInput, ...],
        mask: bytes | str | None,
        options: Mapping[str, Any],
    ) -> dict[str, Any]:
        refuse_previews(options)
        taken, notes = without_unknown(image_model_facts(model), options, edit=bool(images))
        shape = bytes_of(mask, "The mask") if mask is not None else None
        request = ImageRequest(model, prompt, taken, images, shape)
        # A client of its own: the loop may be one that lives for this call alone.
        http = HttpClient()
        try:
            target = Target(self._service(http), model)
            return await whole_answer(model, stream_images(target, request, NO_RETRY, Cooldowns()), notes)
        finally:
            await http.aclose()

    def _service(self, http: HttpClient) -> OpenAICompatibleProvider:
        """The server as a provider, whose key may be known by a vendor's name."""
        from aiproxy_desktop.core.providers.openai.provider import OPENAI_BASE_URL, OpenAICompatibleProvider

        if self._base_url is None:
            url = os.environ.get("OPENAI_BASE_URL", "").strip() or OPENAI_BASE_URL
            return OpenAICompatibleProvider(_ID, _LABEL, url, http, self._credentials)
        from aiproxy_desktop.core.providers.openai.vendors import key_owner

        keys = _KeysOf(self._credentials, self._key_owner)
        # Whose prices they are; those of a server that is nobody's we know are not known.
        vendor = key_owner(self._base_url) or "compatible"
        return OpenAICompatibleProvider(_ID, _LABEL, self._base_url, http, keys, False, vendor=vendor)


class _KeysOf:
    """The key that is known by another name than the provider's."""

    def __init__(self, credentials: Credentials, owner: str) -> None:
        self._credentials = credentials
        self._owner = owner

    async def key_for(self, provider: str) -> str | None:  # noqa: ARG002  # whichever it is
        return await self._credentials.key_for(self._owner)


def _text(value: str | Enum) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _entry(facts: ImageModelFacts) -> dict[str, Any]:
    return {
        "id": facts.id,
        "provider": _ID,
        "capabilities": {
            "sizes": list(facts.sizes),
            "qualities": list(facts.qualities),
            "features": list(facts.features),
            "max_prompt": facts.max_prompt,
            "max_images": facts.most_images,
        },
        "retired_on": facts.retired_on.isoformat() if facts.retired_on else None,
    }
