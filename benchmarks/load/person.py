"""Somebody in a class: opens the reading, scrolls, marks, answers, nods, and looks whether it stands there."""

import random
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.annotations.spans import TextSpan
from app.identity import new_uid
from app.library.texts import RevisionText
from benchmarks.dataset import Reader
from benchmarks.load import answers
from benchmarks.load.browser import Browser
from benchmarks.load.listening import Expected, Listening
from benchmarks.load.measures import Measures, Wrong

ACTS = {"mark": 45, "reply": 20, "react": 30, "open": 5}
"""What people do, of a hundred times that they do something."""
ACT_SECONDS, SCROLL_SECONDS, NEWS_SECONDS = 30.0, 8.0, 20.0
_WITNESSES = 2
_KINDS = ("agree", "disagree", "question", "thanks")


class Person:
    """One student with a browser. `others` are all in the class; `marks` are tags and the words to put them on."""

    def __init__(
        self,
        port: int,
        reader: Reader,
        text: RevisionText,
        measures: Measures,
        marks: Iterator[tuple[str, TextSpan]],
    ) -> None:
        self.reader = reader
        self.others: list[Person] = []
        self._browser = Browser(port, reader)
        self._text = text
        self._measures = measures
        self._marks = marks
        self._posts: deque[str] = deque(maxlen=40)
        self._reacted: set[str] = set()
        self._etags: dict[str, tuple[str, str]] = {}
        self._place = 0
        self.live = Listening(self._browser, reader.address, measures, self._learn)

    async def open(self) -> None:
        """The page, its margin, and its stream."""
        self.live.close()
        known = answers.page(await self._read("page", self.reader.address, htmx=False), self.reader.uid)
        margin = await self._read(
            "margin", f"{self.reader.address}/margin?first={known.first}&last={known.last}", htmx=True
        )
        answers.margin(margin, known)
        self._learn(margin)
        self.live.open(known.cursor)

    async def act(self) -> None:
        """Does one of the things that people do."""
        await getattr(self, random.choices(list(ACTS), list(ACTS.values()))[0])()

    async def mark(self) -> None:
        """Marks words, half the time with a note; some others must come to see it."""
        form = self._new_mark()
        uid = str(form["uid"])
        with self._seen_by_others(self._text.at(int(str(form["start"]))).ordinal):
            text = await self._write("create", f"{self.reader.address}/annotations", form, 201)
        self._measures.marks.add(uid)
        await self._stands(text, uid, f"/annotations/{uid}")
        self._learn(text)

    def _new_mark(self) -> dict[str, object]:
        tag, span = next(self._marks)
        words = span.of(self._text.text)
        note = f"What is *meant* by “{words[:20]}”?" if random.random() < 0.5 else ""
        form = {"uid": new_uid(), "start": span.start, "end": span.end, "exact": words, "tag": tag}
        return form | {"note": note, "audience": "", "signs_as": ""}

    @contextmanager
    def _seen_by_others(self, paragraph: int) -> Iterator[None]:
        """Some others who are there are to see what is written in the block; nobody is if it was not acknowledged."""
        listening = [
            one.live
            for one in self.others
            if one is not self and one.live.is_open.is_set() and one.live.is_near(paragraph)
        ]
        expected = [
            (live, Expected(paragraph)) for live in random.sample(listening, min(_WITNESSES, len(listening)))
        ]
        for live, mark in expected:
            live.expected.append(mark)
        made = False
        try:
            yield
            made = True
        finally:
            for live, mark in expected:
                live.know(mark, made=made)

    async def reply(self) -> None:
        """Answers one of the posts that the margin shows."""
        if not self._posts:
            return await self.mark()
        root, uid = random.choice(self._posts), new_uid()
        form = {"uid": uid, "note": f"I read it otherwise, since {uid[:4]}.", "signs_as": ""}
        text = await self._write("reply", f"/annotations/{root}/replies", form, 201)
        self._measures.replies.add(uid)
        await self._stands(text, uid, f"/annotations/{root}/thread")

    async def react(self) -> None:
        """Nods at one of the posts that the margin shows."""
        fresh = [post for post in self._posts if post not in self._reacted]
        if not fresh:
            return await self.mark()
        post, kind = random.choice(fresh), random.choice(_KINDS)
        self._reacted.add(post)
        text = await self._write("react", f"/annotations/{post}/reactions", {"kind": kind}, 200)
        self._measures.reactions += 1
        if not answers.holds(text, post):
            text = answers.good(await self._browser.get(f"/annotations/{post}/thread"), "thread", 200)
        if not answers.pressed(text, post, kind):
            raise Wrong("react: it is not there")

    async def scroll(self) -> None:
        """Reads on, and tells the server where."""
        last = len(self._text.paragraphs) - 1
        self._place = max(0, min(last, self._place + random.choice((-1, 1, 1, 1, 2))))
        self._place = 0 if self._place == last else self._place
        self.live.move(self._place)
        form = {"place": self._place, "cursor": self.live.cursor}
        answer = await self._browser.post(f"{self.reader.address}/place", form, htmx=False)
        answers.good(answer, "place", 204)
        self._measures.took("place", answer.seconds)

    async def ask_news(self) -> None:
        """Asks what is new, as an open page does now and then even while its stream is silent."""
        answer = await self._browser.get(f"{self.reader.address}/news?since={self.live.cursor}", htmx=True)
        answers.good(answer, "news", 200, 204)
        self._measures.took("news", answer.seconds)
        if lost := self.live.lost():
            raise Wrong(f"live: {lost} marks were not seen")

    async def leave(self) -> None:
        """Closes the browser."""
        await self.live.closed()
        self._browser.close()

    async def _read(self, name: str, address: str, *, htmx: bool) -> str:
        """A page from the server, or the one that was kept when it has not changed."""
        etag, kept = self._etags.get(name, ("", ""))
        answer = await self._browser.get(address, htmx=htmx, etag=etag)
        text = answers.good(answer, name, 200, 304) or kept
        self._measures.took(name, answer.seconds)
        self._etags[name] = answer.header("etag"), text
        return text

    async def _write(self, name: str, address: str, form: Mapping[str, object], status: int) -> str:
        with self.live.writing():
            answer = await self._browser.post(address, form)
            text = answers.good(answer, name, status)
            self.live.did(text)
        self._measures.took(name, answer.seconds)
        return text

    async def _stands(self, text: str, uid: str, address: str) -> None:
        """What one wrote is in the answer, or, where a margin holds no more, at its own address."""
        if not answers.holds(text, uid):
            alone = await self._browser.get(address, htmx=address.endswith(uid))
            if not answers.holds(answers.good(alone, "alone", 200), uid):
                raise Wrong(f"{uid} was acknowledged and is not there")
            self._measures.took("elsewhere", alone.seconds)

    def _learn(self, text: str) -> None:
        self._posts.extend(post for post in answers.others(text) if post not in self._posts)
