"""What a person sets about models: their servers, files, addresses of files, and how the table looks."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

# The left side of `provider:model`.
ProviderId: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[a-z0-9-]+$", max_length=60)]

Place: TypeAlias = Literal["computer", "network", "cloud"]

_Tokens: TypeAlias = Annotated[int, msgspec.Meta(ge=256, le=16_777_216)]


class OllamaHost(msgspec.Struct, frozen=True, kw_only=True):
    """One more Ollama server. `id` is as an endpoint's; `host` what OLLAMA_HOST may hold."""

    id: ProviderId
    name: str
    host: str


class ModelFileOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a built-in model is run; None leaves it to the application.

    `path` is that of the file, empty for the model that ships with the application. `context` is in tokens.
    """

    path: str
    context: _Tokens | None = None
    threads: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None


class ModelAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a model file can be downloaded; `sha256` is of the whole file, in hexadecimal, or empty."""

    name: str
    url: str
    sha256: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""


class ColumnView(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the models table; `width` in logical pixels."""

    id: str
    width: Annotated[int, msgspec.Meta(ge=24, le=2000)]
    shown: bool = True


class ModelsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the models table shows, and how.

    `columns` in their order; one that is missing has its default. The rest are filters: None, 0 and empty ask
    for nothing. `max_price` is in US dollars for a million tokens written.
    """

    columns: tuple[ColumnView, ...] = ()
    sort: str = "name"
    descending: bool = False
    capabilities: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    min_context: Annotated[int, msgspec.Meta(ge=0)] = 0
    max_price: Annotated[float, msgspec.Meta(ge=0)] | None = None
    not_retiring: bool = False
    favourites: bool = False
    hidden: bool = False
