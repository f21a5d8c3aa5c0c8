"""When pages draw what they are told: soon while it is quiet, in turns while everybody writes."""

import pytest

from app.live import spreading
from app.live.spreading import Turns, spread_over


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(spreading, "monotonic", clock)
    return clock


def test_a_few_draw_at_once(clock: Clock) -> None:
    turns = Turns()
    assert [turns.over(16) for _ in range(20)] == [0] * 20 and spread_over(16) == 0


def test_a_class_of_thirty_draws_within_half_a_second(clock: Clock) -> None:
    turns = Turns()
    assert all(0 < turns.over(30) <= 256 for _ in range(50))


def test_of_a_single_note_a_crowd_draws_soon_and_of_many_in_turns(clock: Clock) -> None:
    turns = Turns()
    single = turns.over(300)
    many = [turns.over(300) for _ in range(50)]
    assert single <= 1024 < many[-1] == max(many) <= 2048
    clock.at += 10
    assert turns.over(300) == single


def test_what_is_worked_off_meanwhile_is_not_owed(clock: Clock) -> None:
    turns = Turns()
    first = turns.over(300)
    for _ in range(20):
        clock.at += first / 1000
        assert turns.over(300) == first


def test_how_many_are_here_is_not_told(clock: Clock) -> None:
    said = {Turns().over(pages) for pages in range(17, 400)} | {spread_over(n) for n in range(17, 400)}
    assert all(one & (one - 1) == 0 for one in said) and len(said) < 12
