"""Imports, backs up, restores or brings up to date until it is killed.

    python -m tests.integration.data_process import|backup|restore|upgrade FOLDER

Prints "begun" once everything is loaded, and "done" at the end.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiproxy_desktop.services.exchange import reading, source
from aiproxy_desktop.storage import migrations, upgrading
from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.database import Database
from tests.unit.services.exchange.parts import history

_LOADED = (reading, source, migrations, upgrading)


async def main(what: str, folder: Path) -> None:
    """Do one thing."""
    backups = BackupFolder(folder / "conversations.db", folder / "backups")
    if what == "import":
        async with history(folder) as parts:
            _say("begun")
            await parts.take_in(folder / "all.zip")
    elif what == "upgrade":
        _say("begun")
        await (await Database.open(folder / "conversations.db")).close()
    else:
        _say("begun")
        if what == "backup":
            backups.make(3)
        else:
            assert "was restored" in backups.restore_if_wished()
    _say("done")


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
