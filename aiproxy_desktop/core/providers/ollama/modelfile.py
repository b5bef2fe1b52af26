"""A Modelfile: what a model is made of, as text that people write and as a value.

https://docs.ollama.com/modelfile and `parser/parser.go` of Ollama's source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.providers.ollama.parameters import guessed_value, misspelt, parameter_value

ParameterValue: TypeAlias = str | int | float | bool | tuple[str, ...]

_QUOTES = '"""'
_ROLES = ("system", "user", "assistant")
_PATH = re.compile(r"^(?:[./~\\]|[a-z]:[\\/])|[\\/]$|\.(?:gguf|bin|safetensors)$", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_TEXTS = ("TEMPLATE", "SYSTEM", "RENDERER", "PARSER", "REQUIRES")
_INSTRUCTIONS = ("FROM", "ADAPTER", "PARAMETER", "LICENSE", "MESSAGE", *_TEXTS)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that a line names, as it is written there."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Modelfile:
    """What a model is made of: another model (`model`) or files, and what is added to it.

    `texts` are the instructions that may stand once (template, system, renderer, parser, requires), by
    their names in lower case. None of the files was looked at.
    """

    model: str = ""
    files: tuple[FileLine, ...] = ()
    adapters: tuple[FileLine, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    licenses: tuple[str, ...] = ()
    parameters: tuple[tuple[str, ParameterValue], ...] = ()
    messages: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Any]:
        """What /api/create takes, without the name, and without the files, which it takes by digest."""
        body: dict[str, Any] = dict(self.texts)
        if self.model:
            body["from"] = self.model
        if self.licenses:
            body["license"] = list(self.licenses)
        if self.parameters:
            body["parameters"] = {
                name: list(value) if isinstance(value, tuple) else value for name, value in self.parameters
            }
        if self.messages:
            body["messages"] = [{"role": role, "content": text} for role, text in self.messages]
        return body


def parse_modelfile(text: str) -> Modelfile:
    """Read a Modelfile. Touches no disk.

    Raises:
        InvalidRequestError: a line cannot be read, or there is no FROM. It names the line.
    """
    reader = _Reader()
    for instruction, value, line in _instructions(text):
        reader.take(instruction, value, line)
    return reader.end()


def line_error(line: int, what: str, advice: str) -> InvalidRequestError:
    """What is wrong with a line, as a person reads it."""
    return InvalidRequestError(f"Line {line} of the Modelfile: {what}", advice)


class _Reader:
    """Gathers instructions."""

    def __init__(self) -> None:
        self._model = ""
        self._files: list[FileLine] = []
        self._adapters: list[FileLine] = []
        self._texts: dict[str, str] = {}
        self._licenses: list[str] = []
        self._parameters: dict[str, ParameterValue] = {}
        self._messages: list[tuple[str, str]] = []

    def take(self, instruction: str, value: str, line: int) -> None:
        takers: dict[str, Callable[[str, int], None]] = {
            "FROM": self._from,
            "ADAPTER": self._adapter,
            "PARAMETER": self._parameter,
            "MESSAGE": self._message,
            "LICENSE": lambda said, _: self._licenses.append(said),
        }
        if instruction in takers:
            takers[instruction](value, line)
            return
        if instruction.lower() in self._texts:
            raise line_error(line, f"{instruction} stands there twice", "Keep one of them.")
        self._texts[instruction.lower()] = value

    def end(self) -> Modelfile:
        if not self._model and not self._files:
            raise InvalidRequestError(
                "The Modelfile does not say what the model is made from",
                "Begin it with a line such as FROM llama3.2.",
            )
        return Modelfile(
            self._model,
            tuple(self._files),
            tuple(self._adapters),
            tuple(self._texts.items()),
            tuple(self._licenses),
            tuple(self._parameters.items()),
            tuple(self._messages),
        )

    def _from(self, value: str, line: int) -> None:
        if not value:
            raise line_error(line, "FROM names nothing", "Name a model or a GGUF file.")
        if _PATH.search(value):
            # A model that sees has a second file, its projector.
            self._files.append(FileLine(value, line))
        elif self._model:
            raise line_error(line, "FROM names a second model", "Keep one of them.")
        else:
            self._model = value
        if self._model and self._files:
            raise line_error(line, "FROM names a model and a file", "Keep one of them.")

    def _adapter(self, value: str, line: int) -> None:
        if not value:
            raise line_error(line, "ADAPTER names nothing", "Name a GGUF file.")
        self._adapters.append(FileLine(value, line))

    def _parameter(self, value: str, line: int) -> None:
        name, rest = _first_word(value)
        name = name.lower()
        if not name:
            raise line_error(line, "PARAMETER names nothing", "Name one, as in PARAMETER temperature 0.7.")
        said = _unquoted(rest.strip())
        found = parameter_value(name, said)
        if found is None:
            if meant := misspelt(name):
                raise line_error(line, f"Ollama has no parameter “{name[:40]}”", f"Is {meant} meant?")
            self._parameters[name] = guessed_value(said)
            return
        if isinstance(found, str) and name != "stop":
            raise line_error(line, f"{name} cannot be “{said[:40]}”", f"It takes {found}.")
        if isinstance(found, str):
            former = self._parameters.get(name, ())
            self._parameters[name] = (*former, found) if isinstance(former, tuple) else (found,)
        else:
            self._parameters[name] = found

    def _message(self, value: str, line: int) -> None:
        role, text = _first_word(value)
        if role.lower() not in _ROLES:
            raise line_error(
                line, f"a MESSAGE cannot be from “{role[:40]}”", "It is from system, user or assistant."
            )
        self._messages.append((role.lower(), _unquoted(text.strip())))


def _instructions(text: str) -> Iterator[tuple[str, str, int]]:
    """Instruction, value and number of the line it begins at, counted from 1."""
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    place = 0
    while place < len(lines):
        number, line = place + 1, lines[place].strip()
        place += 1
        if not line or line.startswith("#"):
            continue
        word, value = _first_word(line)
        instruction = word.upper()
        if instruction not in _INSTRUCTIONS:
            raise line_error(
                number,
                f"“{word[:40]}” is no instruction",
                f"A line begins with {', '.join(_INSTRUCTIONS[:-1])} or {_INSTRUCTIONS[-1]}; "
                'text of several lines stands between """.',
            )
        value = value.strip()
        before, opened, rest = value.partition(_QUOTES)
        # A role or a parameter's name may stand before the quotes, and nothing else.
        if opened and len(before.split()) <= int(instruction in {"MESSAGE", "PARAMETER"}):
            inside, place = _quoted(rest, lines, place, number)
            yield instruction, f"{before}{_QUOTES}{inside}{_QUOTES}" if before else inside, number
        else:
            split = instruction in {"MESSAGE", "PARAMETER"}
            yield instruction, value if split else _unquoted(value), number


def _quoted(rest: str, lines: list[str], place: int, number: int) -> tuple[str, int]:
    """What stands between the opening quotes and the closing ones, and the line after those."""
    gathered = [rest]
    while _QUOTES not in gathered[-1]:
        if place >= len(lines):
            raise line_error(number, 'the text after """ has no end', 'Close it with """.')
        gathered.append(lines[place])
        place += 1
    gathered[-1], _, after = gathered[-1].partition(_QUOTES)
    if after.strip():
        raise line_error(place, 'something follows the closing """', "Begin a new line after it.")
    return "\n".join(gathered), place


def _first_word(line: str) -> tuple[str, str]:
    word, *rest = line.split(maxsplit=1) or [""]
    return word, rest[0] if rest else ""


def _unquoted(value: str) -> str:
    for quotes in (_QUOTES, '"'):
        if len(value) >= 2 * len(quotes) and value.startswith(quotes) and value.endswith(quotes):
            return value[len(quotes) : -len(quotes)]
    return value
