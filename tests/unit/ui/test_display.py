"""Units and read characters: whichever way a text is shown, each place in it leads to one in the other."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiproxy_desktop.ui.chat.transcript.display import TO_NOTE, Display, inline_display
from aiproxy_desktop.ui.chat.transcript.maths.outlines import Outline
from aiproxy_desktop.ui.markdown.formulas import Latex
from aiproxy_desktop.ui.markdown.inline import parse_inline


class _Drawn:
    """Knows every formula but those with a question mark; cannot read those with an exclamation mark."""

    def look(self, latex: Latex) -> tuple[bool, Outline | None]:
        if "?" in latex.source:
            return False, None
        return True, None if "!" in latex.source else _OUTLINE


@dataclass(frozen=True, slots=True)
class _Names:
    def link(self, label: str) -> str:
        return "https://a.b" if label in {"l", "l m"} else ""

    def number(self, label: str) -> int | None:
        return {"n": 1, "m": 23}.get(label)


_OUTLINE = Outline.__new__(Outline)
_PARTS = st.sampled_from(
    [
        "a ",
        "🎉",
        "$x$",
        "$x?$",
        "$x!$",
        "**",
        "`c`",
        "[l]",
        "[t $x$ 🎉][l]",
        "[u][",
        "]",
        "[^n]",
        "[^m]",
        "[^o]",
        "\n",
    ]
)
_TEXT = st.lists(_PARTS, max_size=14).map("".join)


def _display(source: str) -> Display:
    return inline_display(parse_inline(source), padded=True, formulas=_Drawn(), names=_Names())


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(_TEXT)
def test_every_place_has_its_place_in_the_read_text(source: str) -> None:
    inline = parse_inline(source)
    display = _display(source)
    reads = [display.to_read(position) for position in range(len(display.text) + 1)]
    assert reads == sorted(reads)
    assert (reads[0], reads[-1]) == (0, len(inline.text))
    for read in range(len(inline.text) + 1):
        position = display.from_read(read)
        assert display.to_read(position) >= read
        assert position == 0 or display.to_read(position - 1) < read
    end = 0
    for run in display.runs:
        assert end <= run.start < run.start + run.length <= len(display.text)
        end = run.start + run.length


def test_a_drawn_formula_is_one_unit() -> None:
    display = _display("a $x$ b $y?$ $z!$")
    assert display.text.replace("\N{NO-BREAK SPACE}", "_") == "a _ b _$y?$_ _$z!$_"
    assert [run.outline is not None for run in display.runs].count(True) == 1
    assert [latex.source for latex in display.wanted] == ["y?"]
    assert (display.to_read(2), display.to_read(3)) == (2, 5)


def test_references_lose_their_brackets_where_they_lead_somewhere() -> None:
    display = _display("[a **b**][l m] [l] [c] [d][e]")
    assert display.text == "a b l [c] [d][e]"
    assert [display.href_at(position) for position in (0, 2, 4, 7)] == ["https://a.b"] * 3 + [""]
    assert (display.to_read(0), display.to_read(1), display.to_read(3)) == (0, 2, 10)


def test_notes_are_numbers() -> None:
    display = _display("x[^n] y[^m] z[^o]")
    assert display.text == "x1 y23 z[^o]"
    assert display.href_at(1) == TO_NOTE + "n"
    assert (display.to_read(1), display.to_read(2), display.to_read(5), display.to_read(6)) == (1, 5, 11, 11)
