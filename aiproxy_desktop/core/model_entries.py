"""A model as a dictionary, in the seed's shape."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.core.models import ModelInfo


class UnknownLimit(str):
    """A context window that is not known, where the seed's shape has a number.

    The seed's own example writes `f"{model['context_limit']:,} tokens"`, which None does not survive and
    zero would make untrue. This says "unknown" wherever it is shown, in JSON too; it is false, and smaller
    than every number, so that filters and sorting by size leave it out. Nothing can be reckoned with it.
    """

    __slots__ = ()

    def __new__(cls) -> UnknownLimit:
        """Make one; all are equal."""
        return super().__new__(cls, "unknown")

    def __bool__(self) -> bool:
        return False

    def __format__(self, spec: str, /) -> str:
        return format(str(self), spec.rstrip(",_dn"))

    def __lt__(self, other: object) -> bool:
        return isinstance(other, int | float) or super().__lt__(str(other))

    def __le__(self, other: object) -> bool:
        return isinstance(other, int | float) or super().__le__(str(other))

    def __gt__(self, other: object) -> bool:
        return not isinstance(other, int | float) and super().__gt__(str(other))

    def __ge__(self, other: object) -> bool:
        return not isinstance(other, int | float) and super().__ge__(str(other))

    def __reduce__(self) -> tuple[type[UnknownLimit], tuple[()]]:
        return UnknownLimit, ()


UNKNOWN_LIMIT = UnknownLimit()


def model_entry(model: ModelInfo) -> dict[str, Any]:
    """A model as a dictionary that JSON takes; what is unknown is None.

    The seed's keys: id, name, provider, context_limit (tokens, or `UNKNOWN_LIMIT`), capabilities (by name,
    True, False or None), status. Ours: reference, display_name, output_limit (tokens), size_bytes, local,
    parameters, quantization, description, price_input and price_output (US dollars a million tokens; 0 on
    this machine), price_cached_input, released_on and retires_on (ISO dates).
    """
    price = model.price
    return {
        "id": model.id,
        "name": model.display_name,
        "provider": model.provider,
        "context_limit": model.context_window or UNKNOWN_LIMIT,
        "capabilities": model.capabilities.as_dict(),
        "status": "available",
        "reference": model.reference,
        "display_name": model.display_name,
        "output_limit": model.output_limit,
        "size_bytes": model.size_bytes,
        "local": model.local,
        "parameters": model.parameters or None,
        "quantization": model.quantization or None,
        "description": model.description or None,
        "price_input": price.input if price else None,
        "price_output": price.output if price else None,
        "price_cached_input": price.cached_input if price else None,
        "released_on": model.released_on.isoformat() if model.released_on else None,
        "retires_on": model.retires_on.isoformat() if model.retires_on else None,
    }
