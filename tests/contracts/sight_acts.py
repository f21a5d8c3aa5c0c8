"""What the people of a class do in a reading, each act by its form and in the model alike."""

import re
from collections.abc import Collection
from dataclasses import replace
from itertools import count

from app.identity import new_uid
from tests.contracts.model_of_sight import Post, Span, State
from tests.contracts.sight_class import TEXT
from tests.contracts.sight_watch import Watch

_ALIAS = re.compile(r'class="byline__alias"[^>]*>(.*?)</span>')
_numbers = count(1)


def new_word() -> str:
    """A word that stands nowhere else."""
    return f"qz{next(_numbers)}zq"


class Acts(Watch):
    """A watched reading in which people write."""

    def _learns_alias(self, who: str, post: Post) -> None:
        """Whoever hides their name for the first time is given another, which nobody else has."""
        if not post.now.veiled or self.model.people[who].alias:
            return
        found = _ALIAS.search(self.lesson.school.members[who].fragment(f"/annotations/{post.uid}").text)
        assert found, f"{who} is not told what peers see instead of the name"
        taken = {person.alias for person in self.model.people.values()}
        assert found[1] not in taken | {person.name for person in self.model.people.values()}
        self.model.people[who].alias = found[1]

    def marks(
        self, who: str, span: Span, tags: Collection[str], note: str, choice: str, *, veiled: bool, asks: bool
    ) -> None:
        """Marks words, or adds to what is marked already."""
        whom = self.model.whom(who, choice)
        uid, form = new_uid(), self._aim(span) | {"tag": list(tags), "note": note, "audience": choice}
        form |= {"signs_as": "pseudonym" if veiled else "name", "uid": uid} | (
            {"asks": "true"} if asks else {}
        )
        new = State(span, whom, note, frozenset(tags), veiled)
        met = [] if asks else self.model.same_words(who, span, whom, veiled=veiled)
        if met and not (note and met[0].now.note):
            self._changes(who, met[0], self._merged(met[0], new), f"{self.lesson.address}/annotations", form)
        else:
            self._adds(Post(uid, who, [new], asks=asks), f"{self.lesson.address}/annotations", form)

    @staticmethod
    def _merged(post: Post, new: State) -> State:
        tags, note = post.now.tags ^ new.tags, post.now.note or new.note
        return replace(post.now, tags=tags, note=note, deleted=not (tags or note or post.asks))

    @staticmethod
    def _aim(span: Span) -> dict[str, object]:
        return {"start": span[0], "end": span[1], "exact": TEXT[span[0] : span[1]]}

    def remarks(self, who: str, n: int | None, note: str, choice: str, *, veiled: bool, asks: bool) -> None:
        """Says something of a paragraph or of the whole text."""
        start, end = self.model.ends[n or 0]
        uid, where = new_uid(), "" if n is None else f"?paragraph={n}"
        form = {"uid": uid, "note": note, "audience": choice, "signs_as": "pseudonym" if veiled else "name"}
        state = State((start, end), self.model.whom(who, choice), note, veiled=veiled)
        post = Post(uid, who, [state], "article" if n is None else "paragraph", asks)
        self._adds(post, f"{self.lesson.address}/remarks{where}", form | ({"asks": "true"} if asks else {}))

    def replies(self, who: str, to: Post, note: str, *, private: bool, veiled: bool) -> None:
        """Answers a post."""
        uid, root = new_uid(), to.root or to
        form = {"uid": uid, "note": note, "signs_as": "pseudonym" if veiled else "name"}
        state = State(root.now.span, self.model.answer_whom(who, to, private=private), note, veiled=veiled)
        form |= {"private": "true"} if private else {}
        self._adds(Post(uid, who, [state], root=root, parent=to), f"/annotations/{to.uid}/replies", form)

    def edits(self, who: str, post: Post, note: str, tags: Collection[str], choice: str) -> None:
        """Gives a post other words, tags, and other people to see it."""
        form = {"version": len(post.states), "note": note, "tags": list(tags), "audience": choice}
        after = replace(post.now, note=note, tags=frozenset(tags))
        if choice and post.root is None and post.now.whom.choice != choice:
            after = replace(after, whom=self.model.whom(who, choice))
        self._changes(who, post, after, f"/annotations/{post.uid}", form)

    def moves(self, who: str, post: Post, span: Span) -> None:
        """Moves the edges of a mark."""
        form = self._aim(span) | {"version": len(post.states), "only": "span"}
        self._changes(who, post, replace(post.now, span=span), f"/annotations/{post.uid}", form)

    def shares(self, who: str, post: Post, choice: str, signs_as: str) -> None:
        """Shows a mark to other people than now, and under another name if that is said."""
        form = {"annotations": post.uid, "audience": choice} | ({"signs_as": signs_as} if signs_as else {})
        veiled = signs_as == "pseudonym" if signs_as else post.now.veiled
        after = replace(post.now, whom=self.model.whom(who, choice), veiled=veiled)
        if after == post.now:
            self.lesson.school.members[who].fragment(f"{self.lesson.address}/annotations/share", form)
        else:
            self._changes(who, post, after, f"{self.lesson.address}/annotations/share", form)

    def deletes(self, who: str, post: Post) -> None:
        form = {"version": len(post.states)}
        self._changes(who, post, replace(post.now, deleted=True), f"/annotations/{post.uid}/delete", form)

    def restores(self, who: str, post: Post) -> None:
        self._changes(who, post, replace(post.now, deleted=False), f"/annotations/{post.uid}/restore", {})

    def undoes(self, who: str) -> None:
        """Takes the latest change back."""
        if not self.model.done.get(who):
            answer = self.lesson.school.members[who].fragment(f"{self.lesson.address}/undo", {})
            self.read(who, answer, 409)
            return
        with self.happens(who, self.model.done[who][-1][0]):
            answer = self.post(who, f"{self.lesson.address}/undo")
            self.model.undo(who)
        self.draws(who, answer)

    def stamps(self, who: str, post: Post, what: str, **form: str) -> None:
        """Does something to a post besides writing: settles, pins, hides it, or the reverse; reacts to it."""
        if what == "reactions" and (nod := (who, form["kind"])) in post.reactions:
            form = {"off": form["kind"]}
        with self.happens(who, post):
            answer = self.post(who, f"/annotations/{post.uid}/{what}", **form)
            if what == "reactions":
                post.reactions ^= {nod}
            elif what == "hide":
                post.hidden = form["on"] == "true"
                post.word = form["word"] if post.hidden else ""
            else:
                setattr(post, {"pin": "pinned", "resolve": "resolved"}[what], form["on"] == "true")
        self.draws(who, answer)

    def _adds(self, post: Post, address: str, form: dict[str, object]) -> None:
        with self.happens(post.author, post):
            answer = self.post(post.author, address, **form)
            self.model.add(post)
            self._learns_alias(post.author, post)
        self.draws(post.author, answer)

    def _changes(self, who: str, post: Post, after: State, address: str, form: dict[str, object]) -> None:
        if not self.model.people[who].present:
            answer = self.lesson.school.members[who].fragment(address, form)
            assert answer.status_code == 204, f"{who} got {answer.status_code} for {address} {form}"
            with self.happens(who, post):
                self.model.change(post, after)
            return
        with self.happens(who, post):
            answer = self.post(who, address, **form)
            self.model.change(post, after)
            self._learns_alias(who, post)
        self.draws(who, answer)

    # The class

    def leaves(self, who: str) -> None:
        assert self.lesson.school.members[who].post(f"{self.lesson.course}/leave").status_code == 303
        self.model.leave(who)

    def comes_back(self, who: str) -> None:
        assert self.lesson.school.members[who].post(f"/join/{self.lesson.code}").status_code == 303
        self.model.people[who].present = True
        self.opens(who)

    def regroups(self, who: str, group: str, by: str) -> None:
        """Staff put a student into a group, or out of all."""
        student = self.lesson.school.members[who].known.uid
        address = f"{self.lesson.course}/groups/{self.lesson.set_uid}/people/{student}"
        form = {"group": self.lesson.groups.get(group, "")}
        assert self.lesson.school.members[by].post(address, form).status_code == 303
        self.model.people[who].group = group
        self.opens(who)

    def reveals(self, by: str) -> None:
        """Staff show everybody's work to everybody."""
        assert self.lesson.school.members[by].post(f"{self.lesson.address}/reveal").status_code == 303
        self.model.revealed = True
        for who in self.pages:
            self.opens(who)
