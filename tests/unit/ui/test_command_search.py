from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.shell.command_search import grouped, matching

TITLES = ("New chat", "Find in conversation", "Export conversation", "Réglages", "Choose a model")


def actions() -> list[Action]:
    return [Action(title, title, lambda: None, group="Chat") for title in TITLES]


def found(query: str) -> list[str]:
    return [action.title for action in matching(actions(), query)]


def test_without_letters_everything_is_listed_in_order() -> None:
    assert found("  ") == list(TITLES)


def test_a_title_that_begins_so_comes_first() -> None:
    by_group = "Réglages"
    assert found("c") == [
        "Choose a model",
        "New chat",
        "Find in conversation",
        "Export conversation",
        by_group,
    ]
    assert found("conv") == ["Find in conversation", "Export conversation"]


def test_words_in_any_order_accents_and_case_do_not_matter() -> None:
    assert found("conversation FIND") == ["Find in conversation"]
    assert found("reglages") == ["Réglages"]
    assert found("nothing like it") == []


@given(st.text())
def test_any_text_can_be_searched(query: str) -> None:
    assert set(found(query)) <= set(TITLES)


def test_commands_of_one_group_stand_together() -> None:
    actions = [
        Action(name, name, lambda: None, group=group)
        for name, group in (("a", "Chat"), ("b", "Compare"), ("c", "Chat"), ("d", "Window"))
    ]
    assert [action.id for action in grouped(actions)] == ["a", "c", "b", "d"]
