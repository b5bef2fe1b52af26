"""Tables as Markdown and CSV."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.markdown.blocks import Place, TableRow
from aiproxy_desktop.ui.markdown.document import parse
from aiproxy_desktop.ui.markdown.tables import table_csv, table_markdown


def _rows(source: str) -> list[TableRow]:
    return [block for block in parse(source) if isinstance(block, TableRow)]


def test_csv_is_what_is_read_with_quotes_where_they_are_needed() -> None:
    rows = _rows('| Name | Said |\n|---|---|\n| **Ann** | "Yes", she said |\n| Bob<br>Lee | `a;b` |\n')

    assert table_csv(rows) == 'Name,Said\r\nAnn,"""Yes"", she said"\r\n"Bob\nLee",a;b\r\n'


def test_markdown_keeps_marks_and_alignments_and_leaves_the_list_out() -> None:
    rows = _rows("- An item\n\n  | a | b |\n  |:-:|--:|\n  | *1* | x\\|y |\n")

    text = table_markdown(rows)

    assert text == "| a | b |\n|:-:|--:|\n| *1* | x\\|y |\n"
    assert [row.cells for row in _rows(text)] == [row.cells for row in rows]


@given(st.lists(st.lists(st.text('ab,"\r\n =é', max_size=6), min_size=2, max_size=2), min_size=1, max_size=4))
def test_any_table_is_read_back_by_a_csv_reader(cells: list[list[str]]) -> None:
    rows = [TableRow(Place(), tuple(row), ("left", "left"), index) for index, row in enumerate(cells)]

    read = list(csv.reader(io.StringIO(table_csv(rows), newline="")))

    assert [len(row) for row in read] == [2] * len(rows)
