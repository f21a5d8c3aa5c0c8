"""What all applications of a run have in common, made once: the interface's files, compiled templates, statements."""

from functools import cache
from typing import Any

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine.default import DefaultDialect

import app.main
from app import engines
from app.assets import Assets
from app.web import build_of, make_environment


class Compiled(BytecodeCache):
    """Compiled templates in memory. A template that is changed is compiled anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@cache
def _compiled(base: str) -> Compiled:
    return Compiled()


def share(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on applications are put together from what is there already."""

    def environment(assets: Assets, base: str = "") -> object:
        return make_environment(assets, base, _compiled(base))

    monkeypatch.setattr(app.main, "make_environment", environment)
    monkeypatch.setattr(app.main, "Assets", cache(Assets))
    monkeypatch.setattr(app.main, "build_of", cache(build_of))
    _share_statements(monkeypatch)


def _share_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement is compiled for the first database of a kind, and serves the others of that kind too."""
    statements: dict[Any, Any] = {}
    # SQLAlchemy keeps what it compiled by the dialect, of which each engine has one of its own.
    monkeypatch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
    monkeypatch.setattr(DefaultDialect, "__eq__", lambda dialect, other: type(dialect) is type(other))

    def opened(*where: Any, **how: Any) -> Engine:
        engine = create_engine(*where, **how)
        engine.update_execution_options(compiled_cache=statements)
        return engine

    monkeypatch.setattr(engines, "create_engine", opened)
