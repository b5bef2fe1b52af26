"""Model text into blocks of our own, and code into coloured runs. The one door for model text.

No Qt in here: `StreamingDocument` turns text that arrives in pieces into frozen block values,
`parse_inline` turns one block's text into styled runs, `highlight` colours code.
"""
