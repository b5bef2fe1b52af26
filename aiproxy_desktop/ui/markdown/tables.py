"""Tables as text that other programs read: Markdown source and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from aiproxy_desktop.ui.markdown.blocks import TableRow
from aiproxy_desktop.ui.markdown.copying import Piece, as_markdown
from aiproxy_desktop.ui.markdown.inline import parse_inline


def table_markdown(rows: Sequence[TableRow]) -> str:
    """The rows of one table as source, without the list or quote it stands in, ending with a line end."""
    bare = [TableRow(type(row.place)(), row.cells, row.alignments, row.index) for row in rows]
    return as_markdown([Piece(row) for row in bare]) + "\n"


def table_csv(rows: Sequence[TableRow]) -> str:
    """The rows of one table as RFC 4180 has it: text as it is read, lines ended by CR LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([parse_inline(cell).text for cell in row.cells])
    return out.getvalue()
