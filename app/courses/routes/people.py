"""The people of a course: put in by a roster, given another role, removed, helped to a new password."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.access import PromotableMember, RemovableMember, ResettableMember, RosterInviter
from app.courses import forms, joining
from app.courses.grouping import put_by_name
from app.courses.roster import parse_roster
from app.courses.routes.pages import course_answer, noted
from app.errors import Refused
from app.forms import Filled, form_of
from app.language import _
from app.one_thread import OneThread, RequestDb
from app.readings.welcome import starter, welcome
from app.web import go, site_address

router = APIRouter(route_class=OneThread)


@router.post("/courses/{course_uid}/roster")
def invite_roster(
    request: Request,
    db: RequestDb,
    within: RosterInviter,
    form: Annotated[Filled[forms.Roster], form_of(forms.Roster)],
) -> Response:
    """Puts the people of a pasted list in; shows a personal link for each who is new here."""
    starter()
    try:
        lines = parse_roster(form.valid.roster)
        links = []
        with db.writing() as writing:
            for line in lines:
                user_id, secret = joining.enrol(writing, within.id, line)
                if secret:
                    welcome(writing, user_id)
                    links.append((line.name, f"{site_address(request)}/invitation/{secret}"))
                if line.group:
                    put_by_name(writing, within.id, user_id, _("Roster"), line.group)
            noted(writing, within, "roster.invited")
    except Refused as error:
        form.refuse(error)
        return course_answer(request, db, within, form.errors, form.values, status=error.status)
    return course_answer(request, db, within, links=links, status=201)


@router.post("/courses/{course_uid}/people/{user_uid}/role")
def change_role(
    request: Request,
    db: RequestDb,
    member: PromotableMember,
    form: Annotated[Filled[forms.Role], form_of(forms.Role)],
) -> Response:
    """Gives a member another role."""
    role, within = form.valid.role, member.within
    with db.writing() as writing:
        joining.grant(writing, within.id, member.id, role, within.viewer.id, member.uid)
    return go(request, f"/courses/{within.uid}")


@router.post("/courses/{course_uid}/people/{user_uid}/remove")
def remove_member(request: Request, db: RequestDb, member: RemovableMember) -> Response:
    """Removes a member, who does not come back by the code."""
    within = member.within
    with db.writing() as writing:
        joining.remove(writing, within.id, member.id, within.viewer.id, member.uid)
    return go(request, f"/courses/{within.uid}")


@router.post("/courses/{course_uid}/people/{user_uid}/reset-link")
def make_reset_link(request: Request, db: RequestDb, member: ResettableMember) -> Response:
    """A link to a new password for a student of this class alone; the old one stops working at once."""
    within = member.within
    with db.writing() as writing:
        secret = joining.reset_password(writing, within.id, member.id, within.viewer.id, member.uid)
    link = (member.name, f"{site_address(request)}/invitation/{secret}")
    return course_answer(request, db, within, links=[link], status=201)
