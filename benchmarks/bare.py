"""The floor of starting and idling: the same framework, database layer and templates, and one page."""

import os

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from sqlalchemy import create_engine, text

from benchmarks.serving import serve

app = FastAPI(openapi_url=None)
engine = create_engine("sqlite://")
template = Environment(autoescape=True).from_string("<!doctype html><title>{{ title }}</title><form></form>")


@app.get("/sign-in")
def sign_in() -> HTMLResponse:
    """A page that has asked the database."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return HTMLResponse(template.render(title=os.getpid()))


if __name__ == "__main__":
    serve(app)
