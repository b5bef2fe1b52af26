from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.events import Finished, ReasoningDelta, Started, TextDelta, Usage, UsageReported
from aiproxy_desktop.core.messages import Message, ReasoningPart, TextPart


def test_a_stream_folds_into_a_message() -> None:
    answer = MessageAssembler()
    assert answer.message == Message("assistant", ())
    for event in (
        Started("p", "m"),
        ReasoningDelta("a"),
        ReasoningDelta("b"),
        TextDelta("c"),
        UsageReported(Usage(1, 2)),
        TextDelta("d"),
        UsageReported(Usage(3, 4)),
        Finished("length"),
    ):
        answer.feed(event)
    assert answer.message == Message("assistant", (ReasoningPart("ab"), TextPart("cd")))
    assert (answer.text, answer.reasoning) == ("cd", "ab")
    assert answer.usage == Usage(3, 4)
    assert answer.finish_reason == "length"


@given(
    st.lists(st.tuples(st.booleans(), st.text(min_size=1)), max_size=20), st.lists(st.booleans(), max_size=20)
)
def test_looking_on_changes_nothing(said: list[tuple[bool, str]], looks: list[bool]) -> None:
    watched, left_alone = MessageAssembler(), MessageAssembler()
    for place, (thought, text) in enumerate(said):
        event = ReasoningDelta(text) if thought else TextDelta(text)
        left_alone.feed(event)
        watched.feed(event)
        if place < len(looks) and looks[place]:
            assert watched.message.text == watched.text
    assert watched.message == left_alone.message
    assert watched.text == "".join(text for thought, text in said if not thought)
