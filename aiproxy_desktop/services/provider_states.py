"""What is known about each provider, as values, with the sentences a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    Fault,
    MissingKeyError,
    NoLocalModelError,
    QuotaError,
    RateLimitError,
    UnreachableError,
)
from aiproxy_desktop.core.model_hygiene import MOST_MODELS
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.provider_specs import ProviderKind, ProviderSpec
from aiproxy_desktop.storage.keys import KeySource

ProviderStatus: TypeAlias = Literal[
    "checking", "ready", "no_key", "no_model", "unreachable", "rejected", "rate_limited", "error"
]

_MEGABYTE = 1_000_000

# Seconds. What lies further away is more likely a mistake than a limit.
_LONGEST_WAIT = 31 * 86_400.0


@dataclass(frozen=True, slots=True)
class ProviderState:
    """One provider as the settings and the model picker show it.

    `detail` is one sentence without a full stop, `advice` what to do where something is wrong. `models`
    are those last seen, completed from the bundled table, and `reported` the same as the provider itself
    described them. `key_hint` is the end of the key, `key_variable` the environment variable it came from.
    `until` is when a rate limit ends, `milliseconds` how long the last list took, `listed_at` when it came
    (in an earlier run, it may be). `vendor` is whose account an endpoint is, or whose dialect it speaks.
    `answered_at` is when the provider last answered anything in this run.
    """

    id: str
    label: str
    kind: ProviderKind
    status: ProviderStatus
    detail: str = ""
    advice: str = ""
    models: tuple[ModelInfo, ...] = ()
    base_url: str = ""
    needs_key: bool = False
    key_source: KeySource | None = None
    key_hint: str = ""
    key_variable: str = ""
    reported: tuple[ModelInfo, ...] = ()
    until: datetime | None = None
    milliseconds: int | None = None
    listed_at: datetime | None = None
    vendor: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderCheck:
    """The outcome of asking a provider for its models once.

    `models` are completed from the bundled table, `reported` as the provider described them; `until` is
    when it may be asked again.
    """

    ok: bool
    status: ProviderStatus
    sentence: str
    milliseconds: int
    advice: str = ""
    models: tuple[ModelInfo, ...] = ()
    reported: tuple[ModelInfo, ...] = ()
    until: datetime | None = None


def closed(states: Iterable[ProviderState]) -> frozenset[str]:
    """Ids of those that answer nobody, for want of a key or for a wrong one."""
    return frozenset(state.id for state in states if state.status in {"no_key", "rejected"})


def chats(model: ModelInfo) -> bool:
    """Whether a model answers in text; one that is known to make only images does not."""
    able = model.capabilities
    return not (able.images_out and not able.streaming)


def checking_detail(spec: ProviderSpec) -> str:
    """While it is being asked."""
    return f"Looking at {_host(spec.base_url)}" if spec.kind == "ollama" else "Checking"


def ready_detail(spec: ProviderSpec, models: Sequence[ModelInfo], total: int = 0, unusable: int = 0) -> str:
    """When it answered; `total` is how many models it sent, `unusable` how many of them cannot be asked."""
    if unusable:
        return f"{ready_detail(spec, models, total)}; {unusable:,} with names that cannot be used"
    if total > MOST_MODELS:
        return f"Shows the first {len(models):,} of {total:,} models"
    count = _count(len(models))
    if spec.kind == "ollama":
        return f"Found at {_host(spec.base_url)}, {count}"
    if spec.kind != "builtin":
        return f"Ready, {count}"
    if len(models) != 1:
        return f"{count[0].upper()}{count[1:]}, run on this computer"
    size = models[0].size_bytes
    parts = [models[0].display_name, "runs on this computer"]
    if size is not None:
        parts.insert(1, f"{round(size / _MEGABYTE)} MB")
    return ", ".join(parts)


def failed_status(error: AIProxyError) -> ProviderStatus:
    """Which state an error puts a provider in."""
    if isinstance(error, MissingKeyError):
        return "no_key"
    if isinstance(error, NoLocalModelError):
        return "no_model"
    if isinstance(error, AuthenticationError):
        return "rejected"
    if error.fault is Fault.NETWORK:
        return "unreachable"
    if isinstance(error, RateLimitError) or (isinstance(error, QuotaError) and error.retry_after is not None):
        return "rate_limited"
    return "error"


def failed_until(error: AIProxyError) -> datetime | None:
    """When a provider that limits requests, or whose credit comes back, may be asked again; UTC."""
    wait = error.retry_after
    if wait is None or not isinstance(error, RateLimitError | QuotaError):
        return None
    return datetime.now(UTC) + timedelta(seconds=min(max(wait, 0.0), _LONGEST_WAIT))


def failed_detail(spec: ProviderSpec, error: AIProxyError) -> str:
    """When it did not answer, or refused."""
    if spec.kind == "ollama" and isinstance(error, UnreachableError):
        return f"Not found at {_host(spec.base_url)}"
    if isinstance(error, MissingKeyError):
        return "No key"
    return error.title


def _count(models: int) -> str:
    if not models:
        return "no models yet"
    return "1 model" if models == 1 else f"{models:,} models"


def _host(base_url: str) -> str:
    try:
        return urlsplit(base_url).netloc or base_url
    except ValueError:  # an address that could not be read is shown as it was written
        return base_url
