"""The chat tab's view-model over real services and a real database."""

from __future__ import annotations

from pathlib import Path

from aiproxy_desktop.core.errors import RateLimitError
from aiproxy_desktop.core.events import Started, StreamEvent, TextDelta
from aiproxy_desktop.services.chat import MAX_PROMPT_BYTES
from aiproxy_desktop.storage.records import Totals
from tests.guards import LogGuard
from tests.ui.chat_parts import MODEL, ChatParts, answer, chat_parts
from tests.waiting import until

ENDLESS: tuple[StreamEvent, ...] = (Started("builtin", "x"), *[TextDelta("word ")] * 100_000)


async def ask(parts: ChatParts, prompt: str) -> None:
    parts.view_model.edit_draft(prompt)
    parts.view_model.send()
    await until(lambda: parts.view_model.messages and not parts.view_model.draft, "the question is taken")


async def whole_answer(parts: ChatParts) -> None:
    await until(
        lambda: parts.view_model.messages and parts.view_model.messages[-1].status == "complete",
        "the whole answer",
    )


def title_of(parts: ChatParts) -> str:
    return parts.view_model.title


def is_answering(parts: ChatParts) -> bool:
    return parts.view_model.answering


def shown_texts(parts: ChatParts) -> list[str]:
    return [message.text for message in parts.view_model.messages]


async def test_an_answer_streams_into_the_page_and_into_storage(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        arrived: list[str] = []
        vm.message_added.connect(lambda message: arrived.append(message.text))
        vm.text_arrived.connect(lambda _id, text, _reasoning: arrived.append(text))
        await ask(parts, "Say good day")
        await whole_answer(parts)
        assert shown_texts(parts) == ["Say good day", "Good day"]
        assert "".join(arrived) == "Say good dayGood day"
        assert vm.title == "Say good day"
        assert (vm.totals or Totals()).known_tokens == 13
        assert not vm.answering
        assert vm.conversation is not None
        stored = await parts.store.thread(vm.conversation.id)
        assert [message.text for message in stored] == ["Say good day", "Good day"]
        assert stored[-1].model == MODEL


async def test_a_second_question_stands_below_the_first(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        parts.view_model.start()
        await ask(parts, "One")
        await whole_answer(parts)
        await ask(parts, "Two")
        await until(lambda: len(parts.view_model.messages) == 4)
        await whole_answer(parts)
        assert shown_texts(parts) == ["One", "Good day", "Two", "Good day"]
        assert [message.text for message in parts.model.requests[-1].messages] == ["One", "Good day", "Two"]


async def test_text_comes_at_most_once_a_frame_and_none_is_lost(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(*answer(*(f"{n} " for n in range(2000))))
        arrived: list[str] = []
        vm.text_arrived.connect(lambda _id, text, _reasoning: arrived.append(text))
        await ask(parts, "Count")
        await whole_answer(parts)
        assert shown_texts(parts)[-1] == "".join(f"{n} " for n in range(2000))
        assert len(arrived) < 1000


async def test_stop_keeps_what_came(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(*ENDLESS, delay=0.001)
        await ask(parts, "Go on")
        assert is_answering(parts)
        await until(lambda: vm.messages[-1].text, "the first words")
        vm.stop()
        await until(lambda: vm.messages[-1].status == "interrupted", "the stop")
        assert vm.messages[-1].text.startswith("word ")
        assert not vm.answering
        await until(lambda: parts.model.closed_streams == 1, "the provider's stream is closed")


async def test_an_error_shows_as_a_card_and_retry_gives_another_version(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(RateLimitError("OpenAI asks to wait 12 s", "Wait.", detail="429"))
        await ask(parts, "Try")
        await until(lambda: vm.messages[-1].status == "failed", "the failure")
        failed = vm.messages[-1]
        assert (failed.error_title, failed.error_advice) == ("OpenAI asks to wait 12 s", "Wait.")
        assert vm.notice == ""
        parts.model.play(*answer("Better"))
        vm.retry(failed.id)
        await until(lambda: vm.messages[-1].id != failed.id, "another version")
        await whole_answer(parts)
        assert shown_texts(parts) == ["Try", "Better"]
        assert vm.messages[-1].sibling_index == 1
        vm.branching.show_version(vm.messages[-1].id, -1)
        await until(lambda: vm.messages[-1].id == failed.id, "the version before")
        vm.branching.show_version(failed.id, -1)  # there is none before the first
        vm.branching.show_version(failed.id, 1)
        await until(lambda: vm.messages[-1].text == "Better", "the version after")


async def test_answers_go_on_side_by_side_while_others_are_looked_at(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(*answer(*["slow "] * 200), delay=0.005)
        await ask(parts, "First")
        first = vm.conversation
        vm.new_conversation()
        assert vm.messages == ()
        assert not is_answering(parts)
        await ask(parts, "Second")
        second = vm.conversation
        assert first is not None
        assert second is not None
        assert vm.answers.conversations() == {first.id, second.id}
        rows = {row.conversation_id: row for row in vm.history.model.rows if row.conversation_id}
        assert rows[first.id].streaming
        assert rows[second.id].current
        await until(lambda: shown_texts(parts)[-1].count("slow") > 5)
        vm.open(first.id)
        await until(lambda: vm.title == "First", "the first conversation again")
        assert vm.answering
        assert shown_texts(parts)[-1].count("slow") > 5
        await whole_answer(parts)
        assert shown_texts(parts) == ["First", "slow " * 200]
        vm.open(second.id)
        await until(lambda: vm.title == "Second")
        await whole_answer(parts)
        assert shown_texts(parts) == ["Second", "slow " * 200]
        assert vm.answers.conversations() == frozenset()


async def test_text_that_came_while_away_and_after_coming_back_is_shown_once(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(*answer(*(f"{n} " for n in range(300))), delay=0.003)
        await ask(parts, "Count")
        assert vm.conversation is not None
        home = vm.conversation.id
        page: dict[str, str] = {}

        def show() -> None:
            page.clear()
            page.update({message.id: message.text for message in vm.messages})

        def append(message_id: str, text: str, _reasoning: str) -> None:
            page[message_id] += text

        vm.thread_shown.connect(show)
        vm.text_arrived.connect(append)
        for _ in range(3):
            vm.new_conversation()
            vm.open(home)
            await until(lambda: vm.conversation is not None and len(page) == 2)
        await whole_answer(parts)
        assert page[vm.messages[-1].id] == vm.messages[-1].text == "".join(f"{n} " for n in range(300))


async def test_a_prompt_that_is_too_large_stays_in_the_composer(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        prompt = "x" * (MAX_PROMPT_BYTES + 1)
        vm.edit_draft(prompt)
        vm.send()
        await until(lambda: vm.notice, "the sentence")
        assert vm.notice.startswith("The message is too long")
        assert vm.draft == prompt
        assert vm.conversation is None
        assert not vm.answering
        vm.edit_draft("shorter")
        assert vm.notice == ""


async def test_a_question_that_cannot_be_stored_is_kept(tmp_path: Path, expected_logs: LogGuard) -> None:
    expected_logs.allow(r"Executor")
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        await parts.database.run(lambda connection: connection.execute("DROP TABLE journal").close())
        await parts.database.run(lambda connection: connection.execute("DROP TABLE messages").close())
        vm.edit_draft("Do not lose me")
        vm.send()
        await until(lambda: vm.notice, "the sentence")
        assert vm.draft == "Do not lose me"
        assert not vm.answering


async def test_drafts_belong_to_their_conversation(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        await ask(parts, "One")
        await whole_answer(parts)
        assert vm.conversation is not None
        one = vm.conversation.id
        vm.edit_draft("to be continued")
        vm.new_conversation()
        assert vm.draft == ""
        vm.edit_draft("something else")
        vm.open(one)
        await until(lambda: vm.conversation is not None)
        assert vm.draft == "to be continued"
        vm.new_conversation()
        assert vm.draft == "something else"


async def test_nothing_is_sent_twice_or_while_an_answer_comes(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(*ENDLESS, delay=0.001)
        vm.edit_draft("   \n ")
        vm.send()
        assert not vm.answering
        vm.edit_draft("Once")
        vm.send()
        vm.send()
        await until(lambda: len(vm.messages) == 2)
        vm.edit_draft("Not yet")
        vm.send()
        assert vm.draft == "Not yet"
        await until(lambda: vm.messages[-1].text)
        assert len(parts.model.requests) == 1


async def test_without_a_model_one_is_told_what_to_do(tmp_path: Path) -> None:
    async with chat_parts(tmp_path, ready=False) as parts:
        vm = parts.view_model
        vm.edit_draft("Hello")
        vm.send()
        assert vm.notice.startswith("No model is ready.")
        assert vm.draft == "Hello"


async def test_a_model_is_remembered_as_the_default(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        assert vm.models.choice is not None
        assert vm.models.choice.reference == MODEL
        vm.models.pick("openai:gpt-6.1-sol")
        await until(lambda: parts.settings.current.model == "openai:gpt-6.1-sol")
        assert vm.models.choice.name == "gpt-6.1-sol"
    async with chat_parts(tmp_path) as again:
        choice = again.view_model.models.choice
        assert choice is not None
        assert choice.reference == "openai:gpt-6.1-sol"


async def test_a_conversation_keeps_the_model_it_was_held_with(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        await ask(parts, "One")
        await whole_answer(parts)
        assert vm.conversation is not None
        one = vm.conversation.id
        vm.new_conversation()
        vm.models.pick("openai:gpt-6.1-sol")
        vm.open(one)
        await until(lambda: vm.conversation is not None)
        assert vm.models.choice is not None
        assert vm.models.choice.reference == MODEL


async def test_closing_stops_answers_and_keeps_their_text(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.play(*ENDLESS, delay=0.001)
        await ask(parts, "Go on")
        await until(lambda: vm.messages[-1].text)
        assert vm.conversation is not None
        identity = vm.conversation.id
    async with chat_parts(tmp_path) as again:
        _, kept = await again.store.thread(identity)
        assert kept.status == "interrupted"
        assert kept.text.startswith("word ")


async def test_an_error_nobody_planned_for_ends_the_answer_and_is_reported(
    tmp_path: Path, expected_logs: LogGuard
) -> None:
    expected_logs.allow(r".*")
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        parts.model.breaks = True
        await ask(parts, "Break")
        await until(lambda: vm.messages[-1].status == "failed", "the failure")
        assert not vm.answering
        assert vm.messages[-1].error_title
        await until(lambda: parts.unexpected)
        assert isinstance(parts.unexpected.pop(), ZeroDivisionError)


async def test_a_conversation_that_is_gone_leaves_the_page_as_it_was(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        await ask(parts, "One")
        await whole_answer(parts)
        vm.open("no such conversation")
        await until(lambda: vm.notice, "the sentence")
        assert shown_texts(parts) == ["One", "Good day"]
        await ask(parts, "Two")
        await until(lambda: len(vm.messages) == 4, "the page still follows")
        await whole_answer(parts)


async def test_a_model_that_is_being_loaded_is_said_to_be_getting_ready(tmp_path: Path) -> None:
    async with chat_parts(tmp_path) as parts:
        vm = parts.view_model
        vm.start()
        vm.models.set_loading("builtin")
        assert vm.models.welcome_line == (
            "SmolLM2 135M is built in and getting ready. You can write already."
        )
        await ask(parts, "Already")
        await whole_answer(parts)
        vm.models.set_loading(None)
        assert vm.models.choice is not None
        assert vm.models.choice.availability == "ready"
