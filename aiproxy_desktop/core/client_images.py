"""What CompletionClient does about images."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # nothing of it is needed before a call
    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.cooldown import Cooldowns
    from aiproxy_desktop.core.fallback import Target
    from aiproxy_desktop.core.fetching import MediaFetcher
    from aiproxy_desktop.core.images.values import ImageEvent, ImageInput, ImageRequest
    from aiproxy_desktop.core.provider import Provider
    from aiproxy_desktop.core.retry import RetryPolicy
    from aiproxy_desktop.core.router import Router
    from aiproxy_desktop.core.telemetry import Telemetry

    Image: TypeAlias = bytes | str | ImageInput


class ImageCalls(ABC):
    """Images from whichever provider serves the model."""

    @property
    @abstractmethod
    def router(self) -> Router:
        """What resolves model names."""

    @abstractmethod
    def _image_rules(self) -> tuple[RetryPolicy, Cooldowns, Telemetry | None]:
        """How often to ask again, and who hears of each outcome.

        Raises:
            InvalidRequestError: the client is closed.
        """

    @abstractmethod
    def _media_fetcher(self) -> MediaFetcher:
        """What loads media from the web."""

    async def generate_image(
        self, prompt: str, model: str, *, provider: str | None = None, **options: Any
    ) -> dict[str, Any]:
        """Images for a prompt.

        Args:
            prompt: what to show.
            model: a bare name, an alias or `provider:model`.
            provider: id of the provider, where the name alone does not say.
            **options: the request's own fields, by OpenAI's names (size, quality, n, background,
                output_format, output_compression, moderation, style, user) or Gemini's (aspect_ratio,
                image_size, n); checked against what a known model takes, and passed on as they are to
                one that is not known.

        Returns:
            See `images.answers.whole_answer`; the seed's shape, with `cost` in US dollars.

        Raises:
            AIProxyError: and nothing else; InvalidRequestError and UnsupportedError before anything is sent.
        """
        return await self._whole(prompt, model, provider, (), None, options)

    async def edit_image(
        self,
        image: Image | Sequence[Image],
        prompt: str,
        mask: bytes | str | None = None,
        model: str = "gpt-image-2",
        *,
        provider: str | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """One image, or several as far as the model takes them, changed as the prompt says.

        Args:
            image: PNG, WebP or JPEG, in bytes, base64 or a data URL.
            prompt: what to change.
            mask: a PNG of the first image's size; it is changed where the mask is transparent.
            model: as `generate_image`.
            provider: as `generate_image`.
            **options: as `generate_image`, and input_fidelity.

        Returns:
            As `generate_image`.

        Raises:
            AIProxyError: as `generate_image`.
        """
        from aiproxy_desktop.core.images.inputs import image_inputs

        return await self._whole(prompt, model, provider, image_inputs(image), mask, options)

    @asynccontextmanager
    async def stream_images(
        self,
        prompt: str,
        model: str,
        *,
        images: Sequence[Image] = (),
        mask: bytes | str | None = None,
        provider: str | None = None,
        client_context: ClientContext | None = None,
        **options: Any,
    ) -> AsyncIterator[AsyncGenerator[ImageEvent]]:
        """Images as typed events (see `images.values`); leaving the block closes the connection.

        With `images` it is an edit of the first one. Takes what `generate_image` and `edit_image` take, and
        `partial_images`: how many unfinished images shall come before each. `client_context` is who asks,
        for telemetry alone.

        Raises:
            AIProxyError: and nothing else; a wrong name of a model or bytes that are no image on entering,
                the rest while iterating.
        """
        request = self._image_request(prompt, model, images, mask, options)
        async with aclosing(await self._image_events(request, provider, client_context)) as events:
            yield events

    async def load_image(self, url: str, number: int = 1) -> ImageInput:
        """An image to edit, from the web.

        Args:
            url: http or https.
            number: which one it is, for the sentence.

        Raises:
            AIProxyError: it could not be had, or is no image that can be edited.
        """
        from aiproxy_desktop.core.images.inputs import image_input
        from aiproxy_desktop.core.messages import MediaLink

        return image_input((await self._media_fetcher().fetch(MediaLink("image", url))).data, number)

    async def image_target(self, model: str, provider: str | None = None) -> Target:
        """Who makes images by this name: the router's answer, or whose list of image models has it.

        Raises:
            UnknownModelError: nobody serves it.
            UnsupportedError: whoever does makes no images.
        """
        from aiproxy_desktop.core.fallback import Target
        from aiproxy_desktop.core.images.running import maker_of

        owner = self._lister(model) if provider is None else None
        target = Target(owner, model) if owner is not None else None
        target = target or Target(*await self.router.resolve(model, provider))
        maker_of(target)
        return target

    async def _whole(
        self,
        prompt: str,
        model: str,
        provider: str | None,
        images: Sequence[Image],
        mask: bytes | str | None,
        options: dict[str, Any],
    ) -> dict[str, Any]:
        from aiproxy_desktop.core.images.answers import refuse_previews, whole_answer
        from aiproxy_desktop.core.images.models import image_model_facts
        from aiproxy_desktop.core.images.requests import without_unknown

        refuse_previews(options)
        name = model.rpartition(":")[2]
        taken, notes = without_unknown(image_model_facts(name), options, edit=bool(images))
        request = self._image_request(prompt, model, images, mask, taken)
        return await whole_answer(name, await self._image_events(request, provider), notes)

    def _image_request(
        self,
        prompt: str,
        model: str,
        images: Sequence[Image],
        mask: bytes | str | None,
        options: dict[str, Any],
    ) -> ImageRequest:
        from aiproxy_desktop.core.images.inputs import bytes_of, image_inputs
        from aiproxy_desktop.core.images.requests import given_options
        from aiproxy_desktop.core.images.values import ImageRequest

        given = image_inputs(images) if images else ()
        shape = bytes_of(mask, "The mask") if mask is not None else None
        return ImageRequest(model, prompt, given_options(options), given, shape)

    async def _image_events(
        self, request: ImageRequest, provider: str | None, context: ClientContext | None = None
    ) -> AsyncGenerator[ImageEvent]:
        from aiproxy_desktop.core.images.running import observed, stream_images

        policy, cooldowns, telemetry = self._image_rules()
        target = await self.image_target(request.model, provider)
        events = stream_images(target, request, policy, cooldowns)
        return events if telemetry is None else observed(events, target, telemetry, context)

    def _lister(self, model: str) -> Provider | None:
        """The one provider whose list of image models has just this name; the router knows completions."""
        from aiproxy_desktop.core.provider import ImageMaker

        owners = [
            one
            for one in self.router.registry.providers()
            if isinstance(one, ImageMaker) and any(listed.id == model for listed in one.image_models())
        ]
        return owners[0] if len(owners) == 1 else None
