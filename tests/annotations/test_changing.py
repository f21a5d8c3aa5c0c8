"""Editing, deleting, bringing back and undoing, and the versions kept of it."""

from typing import Any

from sqlalchemy import select

from app.annotations.models import AnnotationVersion
from tests.annotations.test_marking import tags_of, target_of
from tests.support.cast import Member


def edit(member: Member, uid: str, **values: Any) -> Any:
    return member.fragment(f"/annotations/{uid}", {"version": 1, "tags": ["actor"], "note": ""} | values)


def test_an_edit_saves_note_and_tags_and_keeps_the_version_before(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor", note="First.")
    (annotation,) = ada.annotations()
    answer = edit(ada, annotation.uid, tags=["claim"], note="Second.")

    assert answer.status_code == 200
    (changed,) = ada.annotations()
    assert (changed.note, changed.version, tags_of(ada, changed)) == ("Second.", 2, ["claim"])
    with ada.world.database.reading() as db:
        kept = db.scalars(select(AnnotationVersion)).one()
    assert (kept.note, kept.version, kept.reason) == ("First.", 1, "edited")


def test_nobody_else_edits_reads_or_deletes_it(ada: Member, ben: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    address = f"/annotations/{annotation.uid}"

    statuses = [
        ben.fragment(address).status_code,
        ben.fragment(f"{address}/edit").status_code,
        edit(ben, annotation.uid, note="Mine now.").status_code,
        ben.fragment(f"{address}/delete", {"version": 1}).status_code,
    ]
    assert statuses == [404] * 4
    assert ada.annotations()[0].note == ""


def test_a_stale_edit_gets_both_texts_and_changes_nothing(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    edit(ada, annotation.uid, note="From the phone.")
    answer = edit(ada, annotation.uid, note="From the laptop.")

    assert answer.status_code == 409
    assert "From the phone." in answer.text and "From the laptop." in answer.text
    assert ada.annotations()[0].note == "From the phone."


def test_a_retried_edit_is_not_stale(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()

    assert [edit(ada, annotation.uid, note="Once.").status_code for _ in range(2)] == [200, 200]
    assert ada.annotations()[0].version == 2


def test_an_edge_moves_by_a_word(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    edit(ada, annotation.uid, move="start-back")
    assert target_of(ada, annotation).exact == "For Ali Khamenei"
    edit(ada, annotation.uid, move="end-back", version=2)
    assert target_of(ada, annotation).exact == "For Ali"


def test_an_edge_moves_to_where_it_was_dragged_and_leaves_the_rest(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor", note="Kept.")
    (annotation,) = ada.annotations()
    start = ada.text.text.index("Ali Khamenei")
    ada.fragment(
        f"/annotations/{annotation.uid}",
        {"version": 1, "only": "span", "start": start + 4, "end": start + 12, "exact": "Khamenei"},
    )

    (changed,) = ada.annotations()
    assert (target_of(ada, changed).exact, changed.note, tags_of(ada, changed)) == (
        "Khamenei",
        "Kept.",
        ["actor"],
    )


def test_an_edge_does_not_swallow_the_last_word(ada: Member) -> None:
    ada.mark("Ali", "actor")
    (annotation,) = ada.annotations()
    answer = edit(ada, annotation.uid, move="end-back")

    assert answer.status_code == 422
    assert target_of(ada, annotation).exact == "Ali"


def test_an_edit_that_leaves_nothing_is_refused_and_keeps_what_was_typed(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    answer = edit(ada, annotation.uid, tags=[], note="")

    assert answer.status_code == 422
    assert "or delete the annotation" in answer.text


def test_deleting_can_be_undone_from_the_message_and_after_a_reload(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor", note="Kept.")
    (annotation,) = ada.annotations()
    answer = ada.fragment(f"/annotations/{annotation.uid}/delete", {"version": 1})
    assert "<mark" not in answer.text and "Undo" in answer.text
    assert ada.annotations() == []

    assert ada.fragment(f"{ada.reading}/undo", {}).status_code == 200
    (back,) = ada.annotations()
    assert (back.note, tags_of(ada, back)) == ("Kept.", ["actor"])


def test_undo_walks_back_change_by_change(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    edit(ada, annotation.uid, note="One.")
    edit(ada, annotation.uid, note="Two.", version=2)

    notes = []
    for _ in range(3):
        ada.fragment(f"{ada.reading}/undo", {})
        notes.append([one.note for one in ada.annotations()])
    assert notes == [["One."], [""], []]
    assert ada.fragment(f"{ada.reading}/undo", {}).status_code == 409


def test_a_change_after_an_undo_is_undone_first(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    ada.fragment(f"{ada.reading}/undo", {})
    ada.mark("Washington", "actor")
    ada.fragment(f"{ada.reading}/undo", {})

    assert ada.annotations() == []
    assert ada.fragment(f"{ada.reading}/undo", {}).status_code == 409


def test_an_old_message_does_not_undo_a_newer_change(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    edit(ada, annotation.uid, note="Newer.")
    answer = ada.fragment(f"{ada.reading}/undo", {"annotation": annotation.uid, "version": 1})

    assert answer.status_code == 409
    assert ada.annotations()[0].note == "Newer."


def test_undo_touches_only_ones_own(ada: Member, ben: Member) -> None:
    ada.mark("Ali Khamenei", "actor")

    assert ben.fragment(f"{ben.reading}/undo", {}).status_code == 409
    assert ben.fragment(f"{ada.reading}/undo", {}).status_code == 404
    assert len(ada.annotations()) == 1


def test_a_restored_annotation_comes_back_where_it_was(ada: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    ada.fragment(f"/annotations/{annotation.uid}/delete", {"version": 1})
    answer = ada.fragment(f"/annotations/{annotation.uid}/restore", {})

    assert answer.status_code == 200
    assert [one.uid for one in ada.annotations()] == [annotation.uid]


def test_somebody_elses_deleted_annotation_stays_out_of_reach(ada: Member, ben: Member) -> None:
    ada.mark("Ali Khamenei", "actor")
    (annotation,) = ada.annotations()
    ada.fragment(f"/annotations/{annotation.uid}/delete", {"version": 1})

    assert ben.fragment(f"/annotations/{annotation.uid}/restore", {}).status_code == 404
    assert ada.annotations() == []
