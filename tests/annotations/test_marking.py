"""Marking by the tag bar: what one request saves, draws and refuses."""

import pytest
from sqlalchemy import select

from app.annotations.models import Annotation, AnnotationTag, Target, TargetParagraph
from app.codebook.models import Tag
from app.identity import new_uid
from tests.support.cast import Member


def tags_of(member: Member, annotation: Annotation) -> list[str]:
    with member.world.database.reading() as db:
        query = select(Tag.key).join(AnnotationTag, AnnotationTag.tag_id == Tag.id)
        return list(
            db.scalars(query.where(AnnotationTag.annotation_id == annotation.id).order_by(Tag.position))
        )


def target_of(member: Member, annotation: Annotation) -> Target:
    with member.world.database.reading() as db:
        return db.scalars(select(Target).where(Target.annotation_id == annotation.id)).one()


def test_two_gestures_save_an_annotation(ada: Member) -> None:
    answer = ada.mark("Ali Khamenei", "actor")

    assert answer.status_code == 201
    assert 'hx-target="#p1"' in answer.text
    assert "<mark class=oS>Ali Khamenei</mark>" in answer.text
    (annotation,) = ada.annotations()
    target = target_of(ada, annotation)
    assert (target.exact, ada.text.text[target.start : target.end]) == ("Ali Khamenei", "Ali Khamenei")
    assert tags_of(ada, annotation) == ["actor"]
    assert annotation.audience_id


def test_somebody_elses_reading_is_not_there(ada: Member, ben: Member) -> None:
    ben.reading_uid, own = ada.reading_uid, ben.reading_uid
    answer = ben.fragment(f"/readings/{ada.reading_uid}/annotations", {"uid": new_uid(), "exact": "x"})

    assert answer.status_code == 404
    assert ada.annotations() == [] and ben.annotations() == []
    assert own != ada.reading_uid


def test_the_same_words_and_another_key_make_one_annotation_with_two_tags(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    ada.mark("Ali Khamenei", "claim")

    (annotation,) = ada.annotations()
    assert tags_of(ada, annotation) == ["actor", "claim"]


def test_the_same_key_again_takes_the_tag_off_and_the_last_one_deletes(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    ada.mark("Ali Khamenei", "claim")
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    assert tags_of(ada, annotation) == ["claim"]

    answer = ada.mark("Ali Khamenei", "claim")
    assert ada.annotations() == []
    assert "<mark" not in answer.text and "Undo" in answer.text


def test_a_note_needs_no_tag(ada: Member) -> None:
    answer = ada.mark("Ali Khamenei", note="Who is *he*?")

    assert "<mark class=yT>" in answer.text
    assert "<em>he</em>" in answer.text
    assert ada.annotations()[0].motivation == "commenting"


def test_two_notes_on_the_same_words_stay_two(ada: Member) -> None:
    ada.mark("Ali Khamenei", note="One.")
    ada.mark("Ali Khamenei", note="Two.")

    assert [annotation.note for annotation in ada.annotations()] == ["One.", "Two."]


def test_nothing_chosen_is_refused_with_words(ada: Member) -> None:
    answer = ada.mark("Ali Khamenei")

    assert answer.status_code == 422
    assert "Choose a tag or write a note" in answer.text
    assert ada.annotations() == []


def test_an_unknown_tag_is_refused(ada: Member) -> None:
    answer = ada.mark("Ali Khamenei", "villain")

    assert answer.status_code == 422
    assert "villain" in answer.text
    assert ada.annotations() == []


def test_a_retry_with_the_same_id_makes_one_annotation(ada: Member) -> None:
    uid = new_uid()
    first, again = (ada.mark("Ali Khamenei", "actor", uid=uid) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    (annotation,) = ada.annotations()
    assert (tags_of(ada, annotation), annotation.version) == (["actor"], 1)


def test_a_retry_of_a_second_tag_does_not_take_it_off_again(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    uid = new_uid()
    for _ in range(2):
        ada.mark("Ali Khamenei", "claim", uid=uid)

    (annotation,) = ada.annotations()
    assert tags_of(ada, annotation) == ["actor", "claim"]


def test_an_id_used_again_with_other_words_is_refused(ada: Member) -> None:
    uid = new_uid()
    ada.mark("Ali Khamenei", "actor", uid=uid)
    answer = ada.mark("Washington", "actor", uid=uid)

    assert answer.status_code == 409
    assert len(ada.annotations()) == 1


def test_somebody_elses_id_is_refused(ada: Member, ben: Member) -> None:
    uid = new_uid()
    ada.mark("Ali Khamenei", "actor", uid=uid)

    assert ben.mark("Ali Khamenei", "actor", uid=uid).status_code == 409
    assert len(ada.annotations()) == 1 and ben.annotations() == []


@pytest.mark.parametrize("uid", ["", "1", "not-a-uuid", "00000000-0000-0000-0000-000000000000"])
def test_an_id_must_be_a_uuid(ada: Member, uid: str) -> None:
    data = {"uid": uid, "start": 0, "end": 8, "exact": "Patience", "tag": "actor"}

    assert ada.fragment(f"{ada.reading}/annotations", data).status_code == 422
    assert ada.annotations() == []


def test_words_that_stand_elsewhere_are_refused(ada: Member) -> None:
    data = {"uid": new_uid(), "start": 0, "end": 8, "exact": "Impatience", "tag": "actor"}
    answer = ada.fragment(f"{ada.reading}/annotations", data)

    assert answer.status_code == 422
    assert "Select them again" in answer.text
    assert ada.annotations() == []


def test_stray_spaces_are_lost_and_words_are_not(ada: Member) -> None:
    start = ada.text.text.index(" Ali Khamenei, ")
    words = " Ali Khamenei, "
    data = {"uid": new_uid(), "start": start, "end": start + len(words), "exact": words, "tag": "actor"}
    ada.fragment(f"{ada.reading}/annotations", data)

    assert target_of(ada, ada.annotations()[0]).exact == "Ali Khamenei,"


def test_a_span_crosses_paragraphs_and_redraws_each(ada: Member) -> None:
    text = ada.text
    start, end = text.paragraphs[1].end - 9, text.paragraphs[3].start + 9
    data = {"uid": new_uid(), "start": start, "end": end, "exact": text.text[start:end], "tag": "claim"}
    answer = ada.fragment(f"{ada.reading}/annotations", data)

    assert [n for n in range(6) if f'hx-target="#p{n}"' in answer.text] == [1, 2, 3]
    with ada.world.database.reading() as db:
        assert len(db.scalars(select(TargetParagraph)).all()) == 3


def test_line_ends_of_native_forms_are_forgiven(ada: Member) -> None:
    text = ada.text
    start, end = text.paragraphs[1].end - 9, text.paragraphs[2].start + 9
    exact = text.text[start:end].replace("\n", "\r\n")
    data = {"uid": new_uid(), "start": start, "end": end, "exact": exact, "tag": "claim"}

    assert ada.fragment(f"{ada.reading}/annotations", data).status_code == 201


def test_title_and_headings_can_be_marked(ada: Member) -> None:
    heading = next(p for p in ada.text.paragraphs if p.kind == "heading")
    for paragraph in (ada.text.paragraphs[0], heading):
        words = ada.text.text[paragraph.start : paragraph.end]
        assert ada.mark(words, "claim").status_code == 201
    assert len(ada.annotations()) == 2


def test_a_note_that_is_too_long_is_refused_in_words(ada: Member) -> None:
    answer = ada.mark("Ali Khamenei", note="a" * 20_001)

    assert answer.status_code == 422
    assert "20000" in answer.text
