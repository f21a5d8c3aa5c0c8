"""Drafts the next migration from what the models say and the tables lack.

Call it as `python -m migrations.revise "words"`. With --first it writes the first tables anew, which is right
only until the first release. Read the draft before you keep it: it knows nothing of the rows that are there,
and finds neither a changed CHECK nor a renamed column.
"""

import argparse
import importlib
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory

from app.database import Base, UtcDateTime
from app.engines import sqlite_engine
from app.storage.schema import MIGRATIONS, VERSION_TABLE, changing, head, revisions, upgrade

OPTIONS: dict[str, Any] = {"version_table": VERSION_TABLE, "compare_type": True}


def import_models() -> None:
    """Makes every table known to `Base.metadata`."""
    for path in sorted((MIGRATIONS.parent / "app").glob("*/models.py")):
        importlib.import_module(f"app.{path.parent.name}.models")


def draft(words: str, *, first: bool) -> Path:
    """Writes the file and returns its path."""
    import_models()
    with tempfile.TemporaryDirectory() as folder:
        engine = sqlite_engine(Path(folder) / "draft.sqlite3", create=True, foreign_keys=False)
        with changing(engine) as connection:
            if not first:
                upgrade(connection, head())
            context = MigrationContext.configure(connection, opts=OPTIONS)
            return _write(words, produce_migrations(context, Base.metadata), first=first)


def _write(words: str, script: MigrationScript, *, first: bool) -> Path:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s")
    revision = revisions()[0] if first else f"{datetime.now(UTC):%Y_%m_%d}_{'_'.join(words.lower().split())}"
    if first:
        (MIGRATIONS / "versions" / f"{revision}.py").unlink()
    made = ScriptDirectory.from_config(config).generate_revision(
        revision,
        words,
        head="base" if first else "head",
        upgrades=_rendered(script.upgrade_ops, first=first),
        downgrades=_rendered(script.downgrade_ops, first=first),
    )
    return Path(str(made.path))


def _rendered(operations: Any, *, first: bool) -> str:
    code = render_python_code(operations, render_as_batch=not first, render_item=_type_in_words)
    return "\n".join(line for line in code.splitlines() if not line.strip().startswith("#")).strip()


def _type_in_words(kind: str, item: Any, _context: Any) -> str | bool:
    """A migration must not change with the program: it names no type of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words")
    parser.add_argument("--first", action="store_true")
    asked = parser.parse_args()
    sys.stdout.write(f"{draft(asked.words, first=asked.first)}\n")
