"""Pictures that a person dragged out of a browser, which tells no more than where they lie."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from aiproxy_desktop.core.data_urls import parse_data_url
from aiproxy_desktop.core.errors import MediaError
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.media import USUAL_LIMITS, UnreadableMedia
from aiproxy_desktop.core.messages import MediaLink
from aiproxy_desktop.core.threads import on_thread


async def picture_at(address: str, fetcher: MediaFetcher) -> tuple[bytes, str]:
    """The bytes at an address (http, https or data), and a name for them.

    Raises:
        MediaError: they cannot be had, or are too many; what they are is for whoever opens them to find out.
    """
    if address[:5].lower() != "data:":
        part = await fetcher.fetch(MediaLink("image", address))
        return part.data, unquote(urlsplit(address).path.rpartition("/")[2]) or "image"
    try:
        _mime, data = await on_thread(lambda: parse_data_url(address, USUAL_LIMITS.of("image")), "images")
    except UnreadableMedia as error:
        raise MediaError(f"The dropped picture {error.what}", error.advice) from None
    return data, "image"
