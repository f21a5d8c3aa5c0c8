"""What all applications of a run have in common, made once: the interface's files, and the compiled templates."""

from functools import cache

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

import app.main
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
