"""Every failure the core can report, as one tree.

    AIProxyError
    ├── ConfigurationError         something must be set before a request can leave
    │   ├── MissingKeyError
    │   ├── InvalidKeyError        a key that cannot be sent (a line break in it, say)
    │   └── InvalidEndpointError   a base URL that is not one
    ├── UnknownModelError          no provider serves that name; carries near names
    ├── RequestError               the request cannot be sent, or the provider answered and refused
    │   ├── InvalidRequestError    nothing was sent: a part, a role or an option that is not one
    │   ├── UnsupportedError       nothing was sent: this model cannot take it; carries models that can
    │   ├── MediaError             nothing was sent: a linked or named file could not be had
    │   ├── AuthenticationError    401, 403
    │   ├── ModelNotFoundError     404 for the model
    │   ├── RequestTooLargeError   the prompt exceeds the context window or the body limit
    │   ├── ContentBlockedError    refused by a safety rule or by the model itself, with the reason
    │   ├── RateLimitError         429, with the wait when it was given
    │   └── QuotaError             no credit left
    ├── ProviderFailureError       5xx, or an error object in the middle of a stream
    ├── UnreachableError           no connection: refused, unknown host, TLS, offline
    ├── ProviderTimeoutError       connected, then silent for too long
    ├── ProtocolError              an answer that is not this dialect (an HTML page, a cut stream)
    │   └── InterruptedStreamError the stream ended without its end; what came is kept
    └── LocalModelError            the built-in model's process failed or its file is missing

Each carries a title, a sentence a person can act on, whose fault it is and whether trying again
can help. None ever carries a key.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar


class Fault(Enum):
    """Who can mend it."""

    PERSON = "person"
    PROVIDER = "provider"
    NETWORK = "network"
    APPLICATION = "application"


class AIProxyError(Exception):
    """Root of the tree. `str(error)` is the title and the advice in one line."""

    fault: ClassVar[Fault] = Fault.APPLICATION
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        title: str,
        advice: str = "",
        *,
        provider: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        detail: str = "",
    ) -> None:
        """Describe one failure.

        Args:
            title: what happened, in a few words, without a full stop.
            advice: what to do about it, one sentence.
            provider: id of the provider it came from.
            status: HTTP status, where there was one.
            retry_after: seconds the provider asked to wait.
            detail: the provider's own words, redacted and at most 2,000 characters.
        """
        super().__init__(title)
        self.title = title
        self.advice = advice
        self.provider = provider
        self.status = status
        self.retry_after = retry_after
        self.detail = detail[:2000]
        self.attempts: tuple[str, ...] = ()  # what became of other models that were asked instead
        # What came of an answer before it broke, where it was asked for whole: in the shape of
        # `create_completion`, without a finish reason. The arguments of its last tool call may be half.
        self.partial: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.title}. {self.advice}" if self.advice else self.title


class ConfigurationError(AIProxyError):
    """Something must be set before a request can leave."""

    fault = Fault.PERSON


class MissingKeyError(ConfigurationError):
    """The provider needs a key and none is known."""


class InvalidKeyError(ConfigurationError):
    """The key cannot be sent as it is."""


class InvalidEndpointError(ConfigurationError):
    """The base URL is not one."""


class UnknownModelError(AIProxyError):
    """No provider serves this model."""

    fault = Fault.PERSON

    def __init__(self, model: str, near: tuple[str, ...] = (), *, provider: str | None = None) -> None:
        title, hint = f"No provider serves the model “{model}”", "Pick one from the list of models."
        if near:
            hint = f"Did you mean {', '.join(near)}?"
        elif not model:  # none was named, and there is none to take
            title, hint = "There is no model", "Add a key, start Ollama, or add a model file."
        super().__init__(title, hint, provider=provider)
        self.model = model
        self.near = near


class RequestError(AIProxyError):
    """The request cannot be sent, or the provider answered and refused."""

    fault = Fault.PERSON


class InvalidRequestError(RequestError):
    """What was given is not a request; nothing was sent."""


class UnsupportedError(RequestError):
    """The model cannot take a part or an option of the request; nothing was sent."""

    def __init__(
        self,
        title: str,
        advice: str = "",
        *,
        part: str = "",
        model: str = "",
        alternatives: tuple[str, ...] = (),
        provider: str | None = None,
    ) -> None:
        """Describe what is not taken.

        Args:
            title: what cannot be sent to which model.
            advice: what to do instead.
            part: the kind of part or the option ("image", "tools").
            model: the model's reference.
            alternatives: references of models at hand that take it, best first.
            provider: id of the model's provider.
        """
        super().__init__(title, advice, provider=provider)
        self.part = part
        self.model = model
        self.alternatives = alternatives


class MediaError(RequestError):
    """A file that a message links to or names could not be had; nothing was sent."""


class AuthenticationError(RequestError):
    """The key was not accepted."""


class ModelNotFoundError(RequestError):
    """The provider does not have this model."""


class RequestTooLargeError(RequestError):
    """The prompt does not fit."""


class ContentBlockedError(RequestError):
    """A safety rule of the provider refused the prompt or the answer, or the model itself did."""


class RateLimitError(RequestError):
    """Too many requests."""

    fault = Fault.PROVIDER
    retryable = True


class QuotaError(RequestError):
    """No credit left."""


class ProviderFailureError(AIProxyError):
    """The provider failed on its side."""

    fault = Fault.PROVIDER
    retryable = True


class UnreachableError(AIProxyError):
    """No connection to the provider."""

    fault = Fault.NETWORK
    retryable = True


class ProviderTimeoutError(AIProxyError):
    """The provider fell silent."""

    fault = Fault.NETWORK
    retryable = True


class ProtocolError(AIProxyError):
    """The answer does not speak this dialect."""

    fault = Fault.PROVIDER


class InterruptedStreamError(ProtocolError):
    """The stream ended without its end."""

    fault = Fault.NETWORK
    retryable = True


class LocalModelError(AIProxyError):
    """The built-in model could not answer."""

    retryable = True


class NoLocalModelError(LocalModelError):
    """No model came along, and there is no file of one either; as with the smaller package."""
