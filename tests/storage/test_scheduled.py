"""Backups by the clock: made when due, the oldest let go of, nobody's own touched."""

import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.settings import Settings
from app.storage import scheduled
from app.storage.backup import opened
from app.storage.locking import InUse, backing_up_alone
from app.storage.migrating import migrate
from app.storage.scheduled import automatic, back_up_if_due, backups_by_the_clock

pytestmark = pytest.mark.database
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def daily(settings: Settings) -> Settings:
    migrate(settings)
    return settings.model_copy(update={"backup_hours": 24, "backups_kept": 2})


def test_one_is_made_when_the_newest_is_old_enough(daily: Settings) -> None:
    made = back_up_if_due(daily, NOON)
    assert made is not None and made.name == "automatic-20261125-120000.postil"
    with opened(made) as (_archive, manifest):
        assert {table.name for table in manifest.tables} >= {"user", "annotation"}
    assert back_up_if_due(daily, NOON + timedelta(hours=23, minutes=59)) is None
    assert back_up_if_due(daily, NOON + timedelta(hours=24)) is not None


def test_the_newest_are_kept_and_those_made_by_hand_stay(daily: Settings) -> None:
    own = daily.data_dir / "backups" / "postil-20200101-000000.postil"
    own.parent.mkdir(exist_ok=True)
    own.write_bytes(b"somebody's own")
    for day in range(4):
        back_up_if_due(daily, NOON + timedelta(days=day))
    assert [path.name[10:18] for path in automatic(daily)] == ["20261127", "20261128"]
    assert own.exists()


def test_a_failure_removes_nothing(daily: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(2):
        back_up_if_due(daily, NOON + timedelta(days=day))
    before = automatic(daily)
    monkeypatch.setattr(scheduled.sys, "executable", "/bin/false")
    with pytest.raises(subprocess.CalledProcessError):
        back_up_if_due(daily, NOON + timedelta(days=2))
    assert automatic(daily) == before


def test_two_processes_do_not_make_it_twice(daily: Settings) -> None:
    with backing_up_alone(daily), pytest.raises(InUse):
        back_up_if_due(daily, NOON)


def test_the_keeper_looks_by_itself_and_ends(daily: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduled, "_LOOK_EVERY", 0.01)
    with backups_by_the_clock(daily):
        while not automatic(daily):
            assert "backups" in running()
    assert "backups" not in running()
    with backups_by_the_clock(daily.model_copy(update={"backup_hours": 0})):
        assert "backups" not in running()


def running() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_the_settings_reach_the_other_process(daily: Settings, tmp_path: Path) -> None:
    given = daily.model_copy(update={"data_dir": tmp_path, "port": 8123}).as_environment()
    assert given["POSTIL_DATA_DIR"] == str(tmp_path.absolute()) and given["POSTIL_PORT"] == "8123"
    assert "POSTIL_PUBLIC_URL" not in given
