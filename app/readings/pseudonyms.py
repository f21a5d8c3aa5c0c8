"""Pseudonyms: what peers call a member of a reading who hides their name; the same throughout that reading."""

from itertools import product
from random import SystemRandom

from sqlalchemy import select
from sqlalchemy.engine import Connection

from app.database import table_of
from app.readings.members import keep_member
from app.readings.models import ReadingMember

_FIRST = """
Amber Ashen Azure Brisk Bronze Calm Cedar Clever Copper Coral Crimson Dusky Early Gentle Golden Grey Hazel Ivory
Jade Keen Linden Lunar Mellow Misty Noble Ochre Olive Patient Pearl Plain Quick Quiet Russet Saffron Scarlet Silver
Steady Sunny Teal Tidal Umber Velvet Violet Warm Wild Willow Winter
"""
_LAST = """
Avocet Bittern Bunting Crane Crow Curlew Dipper Dove Dunlin Egret Eider Falcon Finch Gannet Grebe Gull Harrier Heron
Hoopoe Ibis Jay Kestrel Kite Knot Lark Linnet Magpie Martin Merlin Nightjar Oriole Osprey Owl Petrel Pipit Plover
Puffin Quail Raven Robin Ruff Shrike Siskin Starling Stork Swallow Swift Tern Thrush Wren
"""
_member = table_of(ReadingMember).c


def name_oneself(writing: Connection, reading_id: int, user_id: int) -> str:
    """The member's pseudonym; one that nobody has in this reading is drawn when there is none yet."""
    mine = (_member.reading_id == reading_id) & (_member.user_id == user_id)
    if found := writing.scalar(select(_member.pseudonym).where(mine)):
        return str(found)
    taken = set(writing.scalars(select(_member.pseudonym).where(_member.reading_id == reading_id)))
    drawn = _draw(taken)
    keep_member(writing, reading_id, user_id, pseudonym=drawn)
    return drawn


def _draw(taken: set[str | None]) -> str:
    """A bird that is free; with a number once every bird is taken."""
    names = [f"{first} {last}" for first, last in product(_FIRST.split(), _LAST.split())]
    free = [name for name in names if name not in taken]
    if free:
        return SystemRandom().choice(free)
    return f"{SystemRandom().choice(names)} {len(taken)}"
