"""What every value of a request must be: sound text, finite numbers, JSON of a depth anyone can read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from aiproxy_desktop.core.data_urls import check_size
from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.media import USUAL_LIMITS, MediaLimits, UnreadableMedia
from aiproxy_desktop.core.wire_json import sound_json

DEEPEST = 128
MOST_VALUES = 1_000_000
# What Python itself turns into a number and back (sys.int_info.default_max_str_digits).
MOST_DIGITS = 4300
_BITS = int(MOST_DIGITS * math.log2(10))

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONG_NUMBER = re.compile(rf"[-+.0-9eE]{{{MOST_DIGITS + 1}}}")
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()

_SHOWN_TYPES = {"NoneType": "null", "dict": "an object", "list": "a list", "tuple": "a list", "str": "a text"}
_SHOWN_TYPES |= {"bool": "true or false", "int": "a number", "float": "a number", "bytes": "bytes"}


class Budget:
    """The bytes that a request may still hold. Text counts, too."""

    def __init__(self, limits: MediaLimits = USUAL_LIMITS) -> None:
        self.limits = limits
        self._left = limits.request

    def spend(self, size: int, where: str) -> None:
        """Take so many bytes off.

        Raises:
            InvalidRequestError: there are not as many left.
        """
        self._left -= size
        if self._left < 0:
            try:
                check_size(self.limits.request - self._left, self.limits.request)
            except UnreadableMedia as found:
                raise InvalidRequestError(
                    f"The request {found.what} (at {_lower(where)})", found.advice
                ) from None


def invalid(where: str, what: str, advice: str) -> InvalidRequestError:
    """The one error of this package: where in the request, what is wrong, and what to do about it."""
    return InvalidRequestError(f"{where} {what}", advice)


def type_name(value: Any) -> str:
    """What a person calls the type of a value."""
    name = type(value).__name__
    return _SHOWN_TYPES.get(name, f"a value of the type {name[:40]}")


def quoted(value: Any) -> str:
    """A text as an error may show it, or the type of what is none."""
    if not isinstance(value, str):
        return type_name(value)
    clean = "".join(char if char.isprintable() else "?" for char in value[:61])
    return f"“{clean}”" if len(clean) <= 60 else f"“{clean[:59]}…”"


def sound_text(value: Any, where: str) -> str:
    """A text that can be written as UTF-8.

    Raises:
        InvalidRequestError: it is no text, or holds half a character (a lone surrogate).
    """
    if not isinstance(value, str):
        raise invalid(where, f"is {type_name(value)}, not a text", "Give a text.")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise invalid(
                where,
                "holds half a character (a lone surrogate), which no text can carry",
                "Decode the text it came from as UTF-8 with errors=“replace”.",
            ) from None
    return value


def optional_text(value: Any, where: str) -> str:
    """A sound text, or none where it is None.

    Raises:
        InvalidRequestError: as `sound_text`.
    """
    return "" if value is None else sound_text(value, where)


def flag(value: Any, where: str) -> bool:
    """True or false.

    Raises:
        InvalidRequestError: it is neither.
    """
    if not isinstance(value, bool):
        raise invalid(where, f"is {type_name(value)}, not true or false", "Give true or false.")
    return value


def plain_json(value: Any, where: str) -> Any:
    """A copy of a value that is JSON through and through, in dictionaries and lists.

    Raises:
        InvalidRequestError: something in it is not JSON, too deep, too long, or no number.
    """
    return _JsonReader(where).read(value, 0)


def json_object(value: Any, where: str) -> dict[str, Any]:
    """A copy of a JSON object.

    Raises:
        InvalidRequestError: it is none, or as `plain_json`.
    """
    if not isinstance(value, Mapping):
        raise invalid(where, f"is {type_name(value)}, not an object", "Give a JSON object (a dictionary).")
    found: dict[str, Any] = plain_json(value, where)
    return found


def json_text(value: Any, where: str) -> str:
    """The JSON text of an object, given as that text (which stays as it is) or as the object.

    Raises:
        InvalidRequestError: it is neither, or as `plain_json`.
    """
    if not isinstance(value, str):
        return msgspec.json.encode(json_object(value, where)).decode()
    text = sound_text(value, where)
    if not text.strip():
        return "{}"
    try:
        found = _decoded(text)
    except RecursionError:
        raise _too_deep(where) from None
    except msgspec.ValidationError:  # the one thing that can be wrong with a value of any type
        raise _too_long(where) from None
    except msgspec.DecodeError:
        raise invalid(where, "is not JSON", "Give a JSON object; NaN and Infinity are none.") from None
    if not isinstance(found, dict):
        raise invalid(where, f"is {type_name(found)}, not an object", "Give a JSON object.")
    if text.count("[") + text.count("{") > DEEPEST:
        _JsonReader(where).read(found, 0)
    if len(text) > MOST_DIGITS and _LONG_NUMBER.search(_STRING.sub('""', text)):
        raise _too_long(where)
    return text


def _decoded(text: str) -> Any:
    """What the text holds; a model may have written half a character as an escape."""
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        if "\\u" not in text:
            raise
    return _decoder.decode(sound_json(text.encode()))


class _JsonReader:
    """Copies a value, counting as it goes: what refers to itself ends as too deep or too large."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._values = 0
        self._budget = Budget()

    def read(self, value: Any, depth: int) -> Any:
        self._values += 1
        if depth > DEEPEST:
            raise _too_deep(self._where)
        if self._values > MOST_VALUES:
            raise invalid(self._where, f"holds more than {MOST_VALUES} values", "Send less.")
        if isinstance(value, str):
            self._budget.spend(len(value), self._where)
            return sound_text(value, self._where)[:]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return self._number(value)
        if isinstance(value, Mapping):
            return {self._key(key): self.read(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.read(item, depth + 1) for item in value]
        raise invalid(
            self._where,
            f"holds {type_name(value)}, which JSON does not know",
            "Use texts, numbers, true, false, null, lists and objects.",
        )

    def _number(self, value: float) -> float:
        if isinstance(value, int):
            if value.bit_length() > _BITS:
                raise _too_long(self._where)
            return int(value)
        if not math.isfinite(value):
            raise invalid(
                self._where, "holds NaN or Infinity, which JSON does not know", "Leave it out or send null."
            )
        return float(value)

    def _key(self, key: Any) -> str:
        if not isinstance(key, str):
            raise invalid(self._where, f"has {type_name(key)} as a name", "Names in JSON are texts.")
        return sound_text(key, self._where)


def _too_deep(where: str) -> InvalidRequestError:
    return invalid(where, f"is nested more than {DEEPEST} deep", "Send a flatter value.")


def _too_long(where: str) -> InvalidRequestError:
    return invalid(
        where,
        f"holds a number that is too large, or has more than {MOST_DIGITS} digits",
        "Send it as a text.",
    )


def _lower(where: str) -> str:
    return where[:1].lower() + where[1:]
