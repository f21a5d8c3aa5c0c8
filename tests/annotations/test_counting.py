"""The crowd's counts are kept by every write: what is kept is what counting anew finds, row for row."""

import pytest

from app.annotations.crowd.surveying import recount
from tests.courses.room import open_room
from tests.support.cast import World

pytestmark = pytest.mark.database


def test_smoke(world: World) -> None:
    room = open_room(world)
    ada, ben = (room.student(world, name) for name in ("Ada", "Ben"))
    text = room.sets()
    text.mark(ada, "Waiting can be a policy", "claim")
    uid = text.mark(ben, "Waiting can be a policy", "claim", note="x")
    text.mark(ben, "Waiting can be a policy", "hedge", note="y", audience="staff")
    ada.mark("Waiting can be a policy", "claim")
    text.reply(ada, uid, "no")
    assert not recount(world.database)
    from sqlalchemy import text as sql

    with world.database.changing() as w:
        for t in ("paragraph_count", "density", "span_count", "margin_card"):
            print(t, w.execute(sql(f"select * from {t}")).all())
        w.execute(sql("delete from density"))
        w.execute(sql("update span_count set people = people + 1"))
        w.execute(sql("delete from margin_card"))
        w.execute(sql("update target_paragraph set author_id = null"))
    print(recount(world.database))
    assert not recount(world.database)
