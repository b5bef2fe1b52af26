"""One database for each schema version, as that version left it: v1.db, v2.db, and so on.

They are kept for ever and never written again. After adding a migration run `python -m tests.databases.make`
on the commit that holds it, and commit the new file.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
