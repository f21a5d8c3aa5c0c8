"""Tables as a database describes them, to hold those that migrations make against those that models say."""

from typing import Any

from sqlalchemy import Connection, inspect, text

from app.storage.schema import VERSION_TABLE


def described(connection: Connection) -> dict[str, Any]:
    """Everything about every table: columns, keys, checks, indexes; in no order that depends on how it was made."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name != VERSION_TABLE]
    return {name: _table(connection, name) for name in names}


def _table(connection: Connection, name: str) -> dict[str, Any]:
    inspector = inspect(connection)
    columns = {
        column["name"]: (
            str(column["type"]),
            column["nullable"],
            column["default"],
            column.get("autoincrement"),
        )
        for column in inspector.get_columns(name)
    }
    return {
        "columns": columns,
        "primary": inspector.get_pk_constraint(name),
        "unique": _sorted(inspector.get_unique_constraints(name)),
        "checks": _sorted(
            {**check, "sqltext": _plain(check["sqltext"])} for check in inspector.get_check_constraints(name)
        ),
        "references": _sorted(inspector.get_foreign_keys(name)),
        "indexes": _sorted(
            {
                **index,
                "dialect_options": str({k: str(v) for k, v in index.get("dialect_options", {}).items()}),
            }
            for index in inspector.get_indexes(name)
        ),
        "counts_up": _counts_up(connection, name),
    }


def _sorted(found: Any) -> list[str]:
    return sorted(str(sorted(dict(item).items(), key=str)) for item in found)


def _plain(condition: str) -> str:
    return " ".join(condition.replace('"', "").split())


def _counts_up(connection: Connection, name: str) -> bool:
    """Whether keys of deleted rows stay unused."""
    if connection.dialect.name == "postgresql":
        return True
    sql = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
    return "AUTOINCREMENT" in str(sql)
