"""What an author adds to the crowd's counts: whoever adds up the audiences they see gets the people they see."""

from collections import Counter
from itertools import groupby

from hypothesis import example, given
from hypothesis import strategies as st

from app.annotations.crowd.adding import Post, Sentences, Share, share_of
from tests.support.crowd import By, seen_by_peers, seen_by_staff, told

START, END = 100, 140
STAFF = 9
# The audiences of a reading with two groups: key, kind, whether it holds what staff wrote.
CLASS, CLASS_BY_STAFF, ONE, ONE_BY_STAFF, TWO = (
    (1, "class", False),
    (2, "class", True),
    (3, "group", False),
    (4, "group", True),
    (5, "group", False),
)
ME, TO_THEM, AMONG_STAFF = (6, "me", False), (7, "to_staff", False), (STAFF, "staff", False)
AUDIENCES = (CLASS, CLASS_BY_STAFF, ONE, ONE_BY_STAFF, TWO, ME, TO_THEM, AMONG_STAFF)
# What the readers of the reading see: without a group, in each, and the blind of the first.
SIGHTS = ((1, 2), (1, 2, 3, 4), (1, 2, 5), (2, 4))

offsets = st.integers(START, END)


@st.composite
def posts(draw: st.DrawFn) -> Post:
    """Any post with a part in the paragraph."""
    start, end = sorted(draw(st.lists(offsets, min_size=2, max_size=2, unique=True)))
    audience = draw(st.sampled_from(AUDIENCES))
    return Post(
        0,
        *audience,
        draw(st.sampled_from(("name", "pseudonym"))),
        draw(st.booleans()),
        draw(st.sampled_from(("span", "span", "span", "paragraph", "article"))),
        start,
        end,
        start if draw(st.booleans()) else START - 30,
        tuple(draw(st.lists(st.integers(1, 4), unique=True, max_size=3))),
    )


by_people = st.lists(st.builds(By, st.sampled_from((None, 1, 2, 3)), posts()), max_size=12)


@st.composite
def cuts(draw: st.DrawFn) -> Sentences:
    """Sentences that are apart, as the white space between them belongs to none."""
    edges = sorted(draw(st.sets(offsets, min_size=2, max_size=8)))
    return [(n, edges[2 * n], edges[2 * n + 1]) for n in range(len(edges) // 2)]


def shares(everybody: list[By], sentences: Sentences) -> list[Share]:
    ordered = sorted(everybody, key=lambda by: by.author or 0)
    return [
        share_of([by.post for by in its], sentences, STAFF)
        for _author, its in groupby(ordered, key=lambda by: by.author)
    ]


def post(
    audience: tuple[int, str, bool], *tags: int, start: int = 100, end: int = 110, signed: str = "name"
) -> Post:
    return Post(0, *audience, signed, False, "span", start, end, start, tags)


@given(by_people, cuts())
@example([By(1, post(CLASS, 1)), By(1, post(ONE, 2))], [(0, 100, 140)])
@example([By(1, post(CLASS, 1)), By(1, post(CLASS, 1, signed="pseudonym"))], [(0, 100, 140)])
@example([By(1, post(CLASS, 1)), By(1, post(CLASS_BY_STAFF, 1))], [(0, 100, 140)])
def test_adding_up_audiences_gives_the_people_that_their_readers_see(
    everybody: list[By], sentences: Sentences
) -> None:
    added = shares(everybody, sentences)
    for sight in SIGHTS:
        assert told(added, sight) == seen_by_peers(everybody, sentences, sight)
    assert told(added, [STAFF]) == seen_by_staff(everybody, sentences)


@given(by_people, cuts())
def test_nothing_stands_under_audiences_of_one_nor_is_anything_below_one(
    everybody: list[By], sentences: Sentences
) -> None:
    for share in shares(everybody, sentences):
        counters = (share.annotations, share.people, share.spans, share.density)
        assert all(n > 0 for counter in counters for n in counter.values())
        keys = {key if isinstance(key, int) else key[0] for counter in counters for key in counter}
        assert not keys & {ME[0], TO_THEM[0]}


@given(by_people, cuts())
def test_without_the_staffs_audience_the_rest_is_the_same(everybody: list[By], sentences: Sentences) -> None:
    mine = [by.post for by in everybody]
    whole, rest = share_of(mine, sentences, STAFF), share_of(mine, sentences)
    assert told([rest], range(STAFF)) == told([whole], range(STAFF))
    assert told([rest], [STAFF]) == {}


def test_a_name_and_a_pseudonym_are_two_to_peers_and_one_to_staff() -> None:
    mine = [post(CLASS, 1), post(CLASS, 1, signed="pseudonym")]
    share = share_of(mine, [(0, 100, 140)], STAFF)
    assert share.spans == Counter({(1, 100, 110, 1): 2, (STAFF, 100, 110, 1): 1})
    assert share.people == Counter({1: 2, STAFF: 1})
    assert share.annotations == Counter({1: 2, STAFF: 2})


def test_the_same_for_a_group_and_the_class_stands_under_the_class_alone() -> None:
    share = share_of([post(CLASS, 1), post(ONE, 1), post(ONE, 2, start=102)], [(0, 100, 140)])
    assert share.spans == Counter({(1, 100, 110, 1): 1, (3, 102, 110, 2): 1})
    assert share.density == Counter({(1, 0, 0, 0): 1, (1, 0, 1, 0): 1, (3, 0, 2, 0): 1, (3, 0, 1, 2): 1})
    assert share.people == Counter({1: 1}) and share.annotations == Counter({1: 1, 3: 2})


def test_what_staff_marked_is_not_what_the_class_thinks() -> None:
    share = share_of([post(CLASS_BY_STAFF, 1), post(AMONG_STAFF, 2)], [(0, 100, 140)], STAFF)
    assert share.density == Counter()
    assert share.spans == Counter({(2, 100, 110, 1): 1, (STAFF, 100, 110, 1): 1, (STAFF, 100, 110, 2): 1})
