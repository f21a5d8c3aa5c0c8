"""A page that one person opened writes nothing in the name of another who has signed in, in the same browser, since."""

import pytest

from tests.support.cast import Member

pytestmark = pytest.mark.database
WORDS = "What he did not do was rule them out"


def test_a_page_of_somebody_else_writes_nothing(ada: Member, ben: Member) -> None:
    ben.http.headers["X-Postil-Viewer"] = ada.known.uid
    assert ben.mark(WORDS, "claim").status_code == 401
    assert ben.fragment(f"{ben.reading}/undo", {}).status_code == 401
    assert ben.annotations() == [] and ada.annotations() == []


def test_ones_own_page_does(ben: Member) -> None:
    ben.http.headers["X-Postil-Viewer"] = ben.known.uid
    assert ben.mark(WORDS, "claim").status_code == 201
    assert len(ben.annotations()) == 1
