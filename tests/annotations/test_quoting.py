"""Marking without a script: the words are quoted, found in their paragraph, and asked for when they stand twice."""

import re

from app.identity import new_uid
from tests.annotations.test_marking import tags_of, target_of
from tests.support.cast import Member


def quote(member: Member, exact: str, **values: object) -> object:
    fields = {"uid": new_uid(), "exact": exact, "tags": ["actor"], "note": "", "paragraph": ""}
    return member.post(f"{member.reading}/annotations", fields | values)


def test_words_are_found_and_marked(ada: Member) -> None:
    answer = quote(ada, "Ali Khamenei, Iran's Supreme Leader", note="Who.", paragraph="1")

    (annotation,) = ada.annotations()
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"/paragraphs/1?annotation={annotation.uid}#p1")
    assert target_of(ada, annotation).exact == "Ali Khamenei, Iran’s Supreme Leader"
    assert (annotation.note, tags_of(ada, annotation)) == ("Who.", ["actor"])


def test_words_that_stand_twice_are_asked_about_and_the_answer_is_taken(ada: Member) -> None:
    answer = quote(ada, "Khamenei", note="Kept.")
    starts = re.findall(r'name="start" value="(\d+)"', answer.text)

    assert answer.status_code == 300 and len(starts) > 1
    assert "Kept." in answer.text and ada.annotations() == []
    assert quote(ada, "Khamenei", note="Kept.", start=starts[1]).status_code == 303
    assert target_of(ada, ada.annotations()[0]).start == int(starts[1])


def test_words_that_are_not_there_are_refused_and_kept(ada: Member) -> None:
    answer = quote(ada, "Immanuel Kant", note="Typed with care.")

    assert answer.status_code == 422
    assert "Immanuel Kant" in answer.text and "Typed with care." in answer.text
    assert "not in the text" in answer.text
    assert ada.annotations() == []


def test_words_are_looked_for_in_their_paragraph_only(ada: Member) -> None:
    assert quote(ada, "Ali Khamenei", paragraph="9").status_code == 422
    assert quote(ada, "Ali Khamenei", paragraph="999").status_code == 422


def test_nothing_said_of_the_words_is_refused_and_they_are_kept(ada: Member) -> None:
    answer = quote(ada, "Ali Khamenei", tags=[], paragraph="1")

    assert answer.status_code == 422
    assert "Ali Khamenei" in answer.text and "Choose a tag" in answer.text


def test_somebody_elses_text_cannot_be_quoted(ada: Member, ben: Member) -> None:
    ben.reading_uid = ada.reading_uid

    assert quote(ben, "Ali Khamenei").status_code == 404
    assert ada.annotations() == [] and ben.annotations() == []


def test_editing_and_deleting_work_without_a_script(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    page = ada.get(f"/annotations/{annotation.uid}/edit").text
    assert "<html" in page and f'action="/annotations/{annotation.uid}"' in page

    fields = {"version": 1, "tags": ["claim"], "note": "By hand."}
    assert ada.post(f"/annotations/{annotation.uid}", fields).status_code == 303
    assert ada.annotations()[0].note == "By hand."
    assert ada.post(f"/annotations/{annotation.uid}/delete", {"version": 2}).status_code == 303
    assert ada.annotations() == []
