"""The floor: the same stack doing the same work with nothing around it: no permissions, events, versions or cards."""

import csv
import io
import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import LifoQueue
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from markupsafe import escape
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from app.engines import sqlite_driver
from benchmarks.serving import serve

_PLAIN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Plain</title><article>{{ text }}</article>"""
_PARAGRAPH = '<p id="p{}">{}</p>'
_COLUMNS = "uid, reading, author, start, end, exact, tag, note"
_EXPORTED = """
    SELECT a.uid, r.uid, v.title, u.name, g.key, g.name, t.exact, a.note, p.ordinal, t.start, t."end",
           t.prefix, t.suffix, v.n, v.sha256, a.created, a.modified, a.motivation
    FROM annotation a JOIN target t ON t.annotation_id = a.id
    JOIN target_paragraph tp ON tp.target_id = t.id AND tp.start = t.start JOIN paragraph p ON p.id = tp.paragraph_id
    JOIN reading r ON r.id = a.reading_id JOIN revision v ON v.id = t.revision_id JOIN user u ON u.id = a.author_id
    LEFT JOIN annotation_tag x ON x.annotation_id = a.id LEFT JOIN tag g ON g.id = x.tag_id
    WHERE a.reading_id = ? AND a.deleted_at IS NULL ORDER BY t.start, t."end", a.id
"""
_LOCAL = threading.local()


def create_app(folder: Path) -> FastAPI:
    """The bare routes over the database that is measured; `page.html` holds the page's fixed parts."""
    app = FastAPI(
        openapi_url=None, middleware=[Middleware(GZipMiddleware, minimum_size=600, compresslevel=4)]
    )
    environment = Environment(autoescape=False)
    app.state.page = environment.from_string((folder / "page.html").read_text("utf-8"))
    app.state.plain = environment.from_string(_PLAIN)
    app.state.kept = (folder / "page.gz").read_bytes()
    app.state.path = folder / "data" / "postil.sqlite3"
    app.state.insert = _inserting(folder)
    app.add_api_route("/sign-in", ready)
    app.add_api_route("/open/{reading}", opened)
    app.add_api_route("/plain/{reading}", plain)
    app.add_api_route("/paragraph/{reading}/{n}", paragraph)
    app.add_api_route("/cached", cached)
    app.add_api_route("/create", create, methods=["POST"])
    app.add_api_route("/export/{reading}", export)
    return app


async def ready() -> Response:
    """That the server is there."""
    return Response("ready")


def opened(request: Request, reading: int) -> HTMLResponse:
    """The page: the fixed parts and the paragraphs with bare marks."""
    return HTMLResponse(request.app.state.page.render(text=_article(request, reading)))


def plain(request: Request, reading: int) -> HTMLResponse:
    """Nothing but the paragraphs with bare marks."""
    return HTMLResponse(request.app.state.plain.render(text=_article(request, reading)))


def paragraph(request: Request, reading: int, n: int) -> HTMLResponse:
    """One paragraph with bare marks."""
    rows = _db(request).execute(
        'SELECT p.id, p.ordinal, p.start, p."end", substr(v.text, p.start + 1, p."end" - p.start) FROM reading r '
        "JOIN revision v ON v.id = r.revision_id JOIN paragraph p ON p.revision_id = v.id "
        "WHERE r.id = ? AND p.ordinal = ?",
        (reading, n),
    )
    key, ordinal, start, _end, text = rows.fetchone()
    spans = _db(request).execute(
        'SELECT tp.start, tp."end" FROM target_paragraph tp JOIN target t ON t.id = tp.target_id '
        "JOIN annotation a ON a.id = t.annotation_id WHERE tp.paragraph_id = ? AND a.deleted_at IS NULL",
        (key,),
    )
    return HTMLResponse(_PARAGRAPH.format(ordinal, _marked(text, start, spans.fetchall())))


async def cached(request: Request) -> Response:
    """An answer that is ready in memory, or its 304."""
    headers = {"etag": 'W/"1"', "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    headers["content-encoding"] = "gzip"
    return Response(request.app.state.kept, headers=headers, media_type="text/html; charset=utf-8")


def create(
    request: Request,
    uid: Annotated[str, Form()],
    start: Annotated[int, Form()],
    end: Annotated[int, Form()],
    exact: Annotated[str, Form()],
    tag: Annotated[str, Form()],
    note: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """One row, committed."""
    request.app.state.insert((uid, 1, 1, start, end, exact, tag, note))
    return HTMLResponse(f"<mark>{escape(exact)}</mark>", 201)


def export(request: Request, reading: int) -> Response:
    """The rows as CSV, with the columns that Postil's has."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(_db(request).execute(_EXPORTED, (reading,)))
    return Response(out.getvalue(), media_type="text/csv")


def _article(request: Request, reading: int) -> str:
    db = _db(request)
    (text,) = db.execute(
        "SELECT v.text FROM reading r JOIN revision v ON v.id = r.revision_id WHERE r.id = ?", (reading,)
    ).fetchone()
    paragraphs = db.execute(
        'SELECT p.id, p.ordinal, p.start, p."end" FROM reading r JOIN paragraph p ON p.revision_id = r.revision_id '
        "WHERE r.id = ? ORDER BY p.ordinal",
        (reading,),
    ).fetchall()
    rows = db.execute(
        'SELECT tp.paragraph_id, tp.start, tp."end", g.colour FROM reading r '
        "JOIN paragraph p ON p.revision_id = r.revision_id JOIN target_paragraph tp ON tp.paragraph_id = p.id "
        "JOIN target t ON t.id = tp.target_id JOIN annotation a ON a.id = t.annotation_id "
        "LEFT JOIN annotation_tag x ON x.annotation_id = a.id LEFT JOIN tag g ON g.id = x.tag_id "
        "WHERE r.id = ? AND a.deleted_at IS NULL",
        (reading,),
    )
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, start, end, _colour in rows:
        spans[key].append((start, end))
    return "\n".join(
        _PARAGRAPH.format(ordinal, _marked(text[start:end], start, spans[key]))
        for key, ordinal, start, end in paragraphs
    )


def _marked(text: str, base: int, spans: list[tuple[int, int]]) -> str:
    """The text with a bare mark around each stretch between two edges that anything covers."""
    steps: dict[int, int] = defaultdict(int)
    for start, end in spans:
        steps[start] += 1
        steps[end] -= 1
    parts, deep, last = [], 0, base
    for edge in sorted(steps):
        piece = escape(text[last - base : edge - base])
        parts.append(f"<mark>{piece}</mark>" if deep else piece)
        deep += steps[edge]
        last = edge
    parts.append(escape(text[last - base :]))
    return "".join(parts)


def _db(request: Request) -> sqlite3.Connection:
    if not hasattr(_LOCAL, "db"):
        _LOCAL.db = sqlite_driver().connect(request.app.state.path)
    found: sqlite3.Connection = _LOCAL.db
    return found


def _inserting(folder: Path) -> Any:
    """A bare INSERT with the durability that Postil promises."""
    url = os.environ.get("POSTIL_DATABASE_URL")
    return _into_postgresql(url) if url else _into_sqlite(folder / "floor.sqlite3")


def _into_sqlite(path: Path) -> Any:
    db = sqlite_driver().connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(
        f"CREATE TABLE IF NOT EXISTS mark (id INTEGER PRIMARY KEY, {_COLUMNS.replace('uid', 'uid UNIQUE', 1)})".replace(
            "end,", '"end",'
        )
    )
    lock = threading.Lock()
    statement = f"INSERT INTO mark ({_quoted()}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

    def insert(row: tuple[Any, ...]) -> None:
        with lock:
            db.execute(statement, row)

    return insert


def _into_postgresql(url: str) -> Any:
    import psycopg

    idle: LifoQueue[Any] = LifoQueue()
    for _ in range(40):
        idle.put(None)
    address = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as db:
        db.execute(
            "CREATE TABLE IF NOT EXISTS mark (id BIGSERIAL PRIMARY KEY, uid TEXT UNIQUE, "
            'reading BIGINT, author BIGINT, start BIGINT, "end" BIGINT, exact TEXT, tag TEXT, note TEXT)'
        )
    statement = f"INSERT INTO mark ({_quoted()}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"

    @contextmanager
    def connection() -> Iterator[Any]:
        found = idle.get() or psycopg.connect(address, autocommit=True)
        try:
            yield found
        finally:
            idle.put(found)

    def insert(row: tuple[Any, ...]) -> None:
        with connection() as db:
            db.execute(statement, row)

    return insert


def _quoted() -> str:
    return _COLUMNS.replace("end", '"end"')


def main() -> None:
    """Serves until it is stopped."""
    serve(create_app(Path(os.environ["BENCH_FOLDER"])))


if __name__ == "__main__":
    main()
