"""Which options a model takes, and why another one cannot be set. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.storage.chat_options import ChatOptions

_USUAL: tuple[Effort, ...] = ("low", "medium", "high")
_ON_OR_OFF: tuple[Effort, ...] = ("none", "medium")
_ALL: tuple[Effort, ...] = get_args(Effort)


@dataclass(frozen=True, slots=True)
class Limits:
    """A sentence for each option that cannot be set, empty where it can; what is unknown is allowed."""

    temperature: str = ""
    effort: str = ""
    json_mode: str = ""
    web_search: str = ""
    efforts: tuple[Effort, ...] = _USUAL
    most_output: int | None = None


def limits_of(model: ModelInfo | None) -> Limits:
    """What can be set for a model."""
    if model is None:
        return Limits()
    can, name = model.capabilities, model.display_name
    efforts = efforts_of(model)
    return Limits(
        temperature=tr("{model} takes no temperature.", model=name) if can.sampling is False else "",
        effort="" if efforts else tr("{model} does not think before it answers.", model=name),
        json_mode=tr("{model} cannot be held to JSON.", model=name) if can.json_mode is False else "",
        web_search=tr("{model} cannot search the web.", model=name) if can.web_search is False else "",
        efforts=efforts,
        most_output=model.output_limit,
    )


def efforts_of(model: ModelInfo) -> tuple[Effort, ...]:
    """The efforts that make a difference for a model, the least first; none where it does not think."""
    if model.capabilities.thinking is False:
        return ()
    if model.maker == "gemini":
        return _of_gemini(model.id)
    if model.maker == "anthropic":
        return _of_anthropic(model.id)
    if model.maker == "openai":
        return _of_openai(model.id)
    if model.maker == "ollama" or model.local:
        return _USUAL if "gpt-oss" in model.id.lower() else _ON_OR_OFF
    return _USUAL


def set_count(options: ChatOptions) -> int:
    """How many of the options are not left to the provider; the model does not count."""
    return sum(
        (
            bool(options.system.strip()),
            options.temperature is not None,
            options.output_limit is not None,
            options.effort is not None,
            options.json_mode,
            options.web_search,
        )
    )


def effort_word(effort: Effort) -> str:
    """As a person reads it."""
    return {
        "none": tr("off"),
        "minimal": tr("minimal"),
        "low": tr("low"),
        "medium": tr("medium"),
        "high": tr("high"),
        "xhigh": tr("very high"),
        "max": tr("highest"),
    }[effort]


def _of_gemini(model_id: str) -> tuple[Effort, ...]:
    from aiproxy_desktop.core.providers.gemini.rules import rules_for

    rules = rules_for(model_id)
    if rules.levels:
        return tuple(one for one in _ALL if one != "max" and rules.takes(one))
    if rules.budget is None:
        return ()
    # Of two efforts with the same budget, one is enough.
    budgets = {rules.tokens(one): one for one in _ALL if rules.takes(one)}
    return tuple(one for one in _ALL if one in budgets.values())


def _of_openai(model_id: str) -> tuple[Effort, ...]:
    from aiproxy_desktop.core.model_rules import openai_model

    facts = openai_model(model_id)
    if facts.never_reasons:
        return ()
    return tuple(one for one in _ALL if one in facts.efforts) or _USUAL


def _of_anthropic(model_id: str) -> tuple[Effort, ...]:
    from aiproxy_desktop.core.providers.anthropic.models import rules_of

    rules = rules_of(model_id)
    levels = rules.efforts or (_USUAL if rules.thinking == "budget" else ())
    return (("none", *levels) if levels and rules.off is not None else levels) or ()
