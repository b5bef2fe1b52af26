"""The person's settings: a validated value in a JSON file that is always whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from aiproxy_desktop import __version__
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.errors import plain
from aiproxy_desktop.storage.first_look import MOST_BYTES, MOST_WIDTH
from aiproxy_desktop.storage.model_settings import (
    ModelAddress,
    ModelFileOptions,
    ModelsView,
    OllamaHost,
    ProviderId,
)
from aiproxy_desktop.storage.settings_versions import Former, former_of, keep_former, refuse_newer
from aiproxy_desktop.storage.update_settings import UpdateSettings
from aiproxy_desktop.storage.voice_settings import VoiceSettings
from aiproxy_desktop.storage.whole_files import write_whole

ThemeMode: TypeAlias = Literal["system", "light", "dark"]

# Of the file's form. Fields can be added without raising it; a file with a higher one is refused, as fields
# of it may mean what they did not mean before.
_VERSION = 1

# In the file, beside `version`: the version of the application that wrote it.
_WRITER = "written_by"
_BOOKKEEPING = frozenset({"version", _WRITER})


# Fields of an image request by name, as small as they are; a model without such a field passes it over.
ImageOptions: TypeAlias = Annotated[dict[str, str | int | float | bool], msgspec.Meta(max_length=40)]

# Characters of a prompt that is kept unsent.
MOST_DRAFT = 100_000

# What is written in a panel and not yet sent, by the panel's room.
ImageDrafts: TypeAlias = Annotated[
    dict[str, Annotated[str, msgspec.Meta(max_length=MOST_DRAFT)]], msgspec.Meta(max_length=8)
]

# What this computer has not, by its short name.
Lack: TypeAlias = Annotated[str, msgspec.Meta(max_length=40)]

# Left sides of `provider:model` that no endpoint may take, now or when these become providers: each has
# an address of its own, and its key must go nowhere else.
RESERVED_IDS = frozenset({"openai", "gemini", "google", "ollama", "builtin", "anthropic"})


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One OpenAI-compatible server, or one more account of a vendor.

    `id` is short, without a colon, no other's, and never changes. `vendor` says what it is where its address
    does not: a row of `core.providers.openai.vendors`, or "openai", "gemini" or "anthropic", whose dialect
    it then speaks; an unknown one counts as none. `base_url` is empty for the vendor's own address.
    """

    id: ProviderId
    name: str
    base_url: str
    needs_key: bool = False
    vendor: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a person can set. Change it with `msgspec.structs.replace`.

    `ollama_hosts` are servers besides that of `ollama_host`; `model_options` go with `model_files` and the
    bundled model; models are named by reference (`provider:id`).

    `ollama_host` is empty for OLLAMA_HOST or the default; `model` is a reference (`provider:id`) or
    None for the built-in model; `window_geometry` is what QWidget.saveGeometry gave, base64;
    `sidebar_width` is in logical pixels. `backups` says whether the history is copied every `backup_every`;
    the newest `backups_kept` copies stay. `image_model` is the one that made the last image, empty before the
    first, and `image_options` what it was asked with; `image_drafts` are prompts that were not sent.
    `gallery_side` is a tile's least width in logical pixels, 0 for the usual one; `gallery_order` one of
    `image_query.GalleryOrder`, anything else the usual one. `told_lacks` is what the person was told that
    this computer has not (`services.surroundings.Lack`).
    """

    theme: ThemeMode = "system"
    ollama_host: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    model: str | None = None
    model_files: tuple[str, ...] = ()
    model_options: tuple[ModelFileOptions, ...] = ()
    model_addresses: tuple[ModelAddress, ...] = ()
    ollama_hosts: tuple[OllamaHost, ...] = ()
    favourite_models: tuple[str, ...] = ()
    hidden_models: tuple[str, ...] = ()
    models_view: ModelsView = ModelsView()
    window_geometry: str = ""
    sidebar_width: Annotated[int, msgspec.Meta(ge=1, le=MOST_WIDTH)] | None = None
    backups: bool = True
    backup_every: Literal["day", "week"] = "day"
    backups_kept: Annotated[int, msgspec.Meta(ge=1, le=100)] = 7
    auto_titles: bool = True
    enter_sends: bool = True
    zoom: Annotated[int, msgspec.Meta(ge=70, le=200)] = 100
    image_model: Annotated[str, msgspec.Meta(max_length=400)] = ""
    image_options: ImageOptions = {}
    image_drafts: ImageDrafts = {}
    gallery_side: Annotated[int, msgspec.Meta(ge=0, le=2000)] = 0
    gallery_order: Annotated[str, msgspec.Meta(max_length=40)] = ""
    told_lacks: Annotated[tuple[Lack, ...], msgspec.Meta(max_length=20)] = ()
    voice: VoiceSettings = VoiceSettings()
    api: ApiSettings = ApiSettings()
    updates: UpdateSettings = UpdateSettings()

    def __post_init__(self) -> None:
        """Refuse endpoints that would stand in for one another, or for a provider."""
        ids = [endpoint.id for endpoint in self.endpoints] + [host.id for host in self.ollama_hosts]
        if len(set(ids)) < len(ids) or not RESERVED_IDS.isdisjoint(ids):
            raise ValueError("an endpoint has the id of another provider")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings as found; `notice` tells the person what could not be used, or is empty."""

    settings: Settings
    notice: str = ""


class SettingsStore:
    """One settings file. Methods block on the disk: call them on a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unknown: dict[str, Any] = {}
        # What another version wrote, kept beside the file before that is replaced for the first time.
        self._former: Former | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def load(self) -> LoadedSettings:
        """Read the file. What is missing or unusable in it has its default.

        A file that is not usable as it stands is kept beside it as `settings.broken.json`.

        Raises:
            NewerSettingsError: a newer version of the application wrote it, in another form.
            StorageError: the file is there and cannot be read at all.
        """
        try:
            with self._path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return LoadedSettings(Settings())
        except OSError as error:
            raise plain(error, "The settings", self._path, "read") from error
        try:
            raw = _decode(data)
        except (msgspec.MsgspecError, RecursionError):
            return LoadedSettings(Settings(), self._keep_aside(data, "could not be read"))
        refuse_newer(raw.get("version"), _VERSION, raw.get(_WRITER), self._path)
        self._former = former_of(raw.get(_WRITER), data)
        self._unknown = {
            name: value for name, value in raw.items() if name not in _FIELDS and name not in _BOOKKEEPING
        }
        settings, unusable = _salvage(raw)
        if not unusable:
            return LoadedSettings(settings)
        return LoadedSettings(
            settings, self._keep_aside(data, f"held values that cannot be used ({unusable})")
        )

    def save(self, settings: Settings) -> None:
        """Replace the file by these settings, at once and wholly; only its owner can read it.

        Fields of a newer version that `load` found are written back as they were. What another version of
        the application wrote is kept beside the file.

        Raises:
            StorageError: it cannot be written; the old file is as it was.
        """
        head = {"version": _VERSION, _WRITER: __version__}
        content = {**head, **self._unknown, **msgspec.to_builtins(settings)}
        data = msgspec.json.format(msgspec.json.encode(_without_surrogates(content)), indent=2)
        try:
            if self._former is not None:
                keep_former(self._path, self._former)
                self._former = None
            write_whole(self._path, data + b"\n")
        except OSError as error:
            raise plain(error, "The settings", self._path, "written") from error

    def _keep_aside(self, data: bytes, what: str) -> str:
        aside = self._path.with_name(f"{self._path.stem}.broken{self._path.suffix}")
        try:
            write_whole(aside, data)
        except OSError:
            return f"The settings in {self._path} {what}. Defaults are used instead."
        return f"The settings {what}. Defaults are used instead, and the old file is kept as {aside}."


def _decode(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise msgspec.ValidationError("too large")
    return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=dict[str, Any])


def _salvage(raw: dict[str, Any]) -> tuple[Settings, str]:
    """Field by field: what is usable, and the names of what is not."""
    usable: dict[str, Any] = {}
    unusable: list[str] = []
    for name in _FIELDS:
        if name in raw:
            try:
                usable[name] = getattr(msgspec.convert({name: raw[name]}, Settings), name)
            except msgspec.ValidationError:
                unusable.append(name)
    hosts: tuple[OllamaHost, ...] = usable.get("ollama_hosts", ())
    endpoints = {endpoint.id for endpoint in usable.get("endpoints", ())}
    if any(host.id in endpoints for host in hosts):
        # Each list is sound by itself. Whoever has the key keeps the id.
        usable["ollama_hosts"] = tuple(host for host in hosts if host.id not in endpoints)
        unusable.append("ollama_hosts")
    return Settings(**usable), ", ".join(unusable)


def _without_surrogates(value: Any) -> Any:
    """JSON files are UTF-8: a lone surrogate (in a file name, say) becomes a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(item) for item in value]
    return value


_FIELDS: tuple[str, ...] = Settings.__struct_fields__
