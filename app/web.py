"""Pages: the Jinja environment, rendering, what htmx says of itself, and the error pages."""

import hashlib
import logging
from collections.abc import Callable, Hashable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app import base_path
from app.assets import Assets
from app.errors import NotFound, Refused, SignInFirst
from app.identity import random_uid
from app.keeping import Keeper
from app.language import _, ngettext, spoken
from app.security import BodyTooLarge, ForeignRequest
from app.writer import CommitFailed

# Code points of drawn pieces kept in memory.
_PIECES_KEPT = 8_000_000
TEMPLATES = Path(__file__).parent.parent / "templates"
# What stands in an address as it is: RFC 3986's reserved characters, and what is escaped already.
_IN_ADDRESS = ":/%#?=@[]!$&'()*+,;"
log = logging.getLogger("postil")


def make_environment(assets: Assets, base: str = "", compiled: BytecodeCache | None = None) -> Environment:
    """The Jinja environment: everything escaped, nothing undefined, every string translated, under a base path.

    `compiled` keeps what templates of this base path were compiled to, for who makes many environments.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=compiled,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    base_path.install(environment, base)
    environment.globals.update(
        static_url=assets.url,
        interface_language=spoken,
        kept=_keeping_pieces(environment),
        new_form_id=random_uid,
    )
    return environment


def _keeping_pieces(environment: Environment) -> Callable[..., Markup]:
    """For templates: `kept(template, key, …)` draws a piece once for each key and language, and keeps it in memory."""
    keeper = Keeper(_PIECES_KEPT)

    def kept(template: str, key: Hashable, **context: Any) -> Markup:
        def draw() -> Markup:
            return Markup(environment.get_template(template).render(context))

        found: Markup = keeper.made((template, spoken(), key), draw, len)
        return found

    return kept


def build_of(assets: Assets, base: str = "") -> str:
    """What every drawn answer depends on besides its data: the static files, the templates and the base path."""
    digest = hashlib.sha256(f"{assets.version}{base}".encode())
    for path in sorted(TEMPLATES.rglob("*.html")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def wants_fragment(request: Request) -> bool:
    """Whether htmx asks for a piece of a page. A step back in history asks for the whole of it."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"


def render(
    request: Request, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """Draws a template for the viewer of this request."""
    return HTMLResponse(render_text(request, template, context), status_code=status)


def render_text(request: Request, template: str, context: dict[str, Any] | None = None) -> str:
    """Like `render`, as text."""
    environment: Environment = request.app.state.templates
    viewer = getattr(request.state, "viewer", None)
    return environment.get_template(template).render(
        viewer=viewer, request_path=request.url.path, **(context or {})
    )


def go(request: Request, address: str) -> Response:
    """After a successful form: a 303, or for htmx the header that loads the page."""
    if wants_fragment(request):
        return Response(status_code=204, headers={"HX-Redirect": quote(address, safe=_IN_ADDRESS)})
    return RedirectResponse(address, status_code=303)


def site_address(request: Request) -> str:
    """Where people reach this server, without a slash at its end: what links to be handed on begin with."""
    return request.app.state.settings.public_url or str(request.base_url).rstrip("/")


def error_answer(request: Request, error: Exception) -> Response:
    """The one place where an error becomes an answer: a page, a fragment, or JSON for a program."""
    if isinstance(error, SignInFirst):
        return _sign_in_first(request)
    status, message, next_step = _explained(error)
    if status >= 500:
        log.error("%s %s failed: %s", request.method, _route(request), type(error).__name__, exc_info=error)
    answer = error_page(request, status, message, next_step)
    answer.headers.update(_further_headers(error))
    return answer


def _route(request: Request) -> str:
    """The address as the route has it: some addresses hold a secret, which the log must not."""
    return str(getattr(request.scope.get("route"), "path", "(no route)"))


def _further_headers(error: Exception) -> Mapping[str, str]:
    """What the answer must also say: to a wrong method, which would be right."""
    return (error.headers or {}) if isinstance(error, HTTPException) else {}


def error_page(request: Request, status: int, message: str, next_step: str = "") -> Response:
    """An error in words: what happened and what to do next."""
    if _wants_json(request):
        return JSONResponse({"error": message, "next": next_step}, status)
    context = {
        "status": status,
        "heading": _(HTTPStatus(status).phrase),
        "message": message,
        "what_next": next_step,
    }
    template = "_failed.html" if wants_fragment(request) else "error.html"
    return render(request, template, context, status)


def _wants_json(request: Request) -> bool:
    """Whether a program asks; no browser that opens a page names JSON."""
    return "application/json" in request.headers.get("accept", "")


def _sign_in_first(request: Request) -> Response:
    address = "/sign-in"
    if request.method in {"GET", "HEAD"}:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        address = str(request.url.replace(path="/sign-in", query="").include_query_params(next=here))
        address = address[address.index("/sign-in") :]
        if not wants_fragment(request) and not _wants_json(request):
            return RedirectResponse(address, status_code=303)
    return error_page(
        request,
        401,
        _("You are signed out. What you typed is kept on this device."),
        _("Sign in again in another tab, then come back here and send it."),
    )


_SECRET = {"password", "current"}
_TYPED = {"note", "exact", "text", "title", "name"}


async def signed_out(request: Request, error: Exception) -> Response:
    """Answers SignInFirst. An ordinary form is drawn again, to be sent once its author is signed in."""
    if request.method != "POST" or wants_fragment(request) or _wants_json(request):
        return error_answer(request, error)
    async with request.form(max_fields=45_000, max_part_size=64 << 20) as form:
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    kept = [(name, value) for name, value in fields if name not in _SECRET]
    context = {
        "action": request.url.path,
        "typed": [(name, value) for name, value in kept if name in _TYPED],
        "other": [(name, value) for name, value in kept if name not in _TYPED],
    }
    return render(request, "accounts/signed_out.html", context, 401)


def _explained(error: Exception) -> tuple[int, str, str]:
    match error:
        case NotFound():
            return 404, _("There is nothing at this address."), _("Go back, or start from your library.")
        case Refused():
            return error.status, error.message, ""
        case RequestValidationError():
            return 422, _problems(error), _("Go back and mend it. What you typed is still there.")
        case ForeignRequest():
            return (
                403,
                _("This request did not come from a page of this site, so nothing was changed."),
                _("Open the page here and try again."),
            )
        case BodyTooLarge():
            return (
                413,
                _("That is more than this server takes at once (%(kib)d KiB).") % {"kib": error.limit >> 10},
                _("Make it smaller, or send it in parts."),
            )
    return _explained_for(error)


def _explained_for(error: Exception) -> tuple[int, str, str]:
    """Errors that are not our own: the framework's and the database's."""
    match error:
        case HTTPException():
            return error.status_code, _http_message(error.status_code), ""
        case ClientDisconnect():
            return 400, _http_message(400), ""
        case DataError() | OverflowError() | UnicodeEncodeError():
            return (
                422,
                _("Something in this request cannot be stored or looked for, so nothing was changed."),
                _("Look for very large numbers and for characters that cannot be seen."),
            )
        case CommitFailed() | DBAPIError() | PoolTimeout():
            return _database_trouble(error)
    return 500, _("Something went wrong on the server. Nothing was changed."), _("Try again in a moment.")


def _http_message(status: int) -> str:
    if status == 404:
        return _("There is nothing at this address.")
    if status == 405:
        return _("This address cannot be used in that way.")
    return _("The request could not be understood.")


def _problems(error: RequestValidationError) -> str:
    parts = []
    for problem in error.errors():
        field = ".".join(str(step) for step in problem["loc"][1:]) or _("form")
        parts.append(f"{field}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(parts)


def _database_trouble(error: Exception) -> tuple[int, str, str]:
    words = str(getattr(error, "orig", None) or error).lower()
    if "full" in words or "no space" in words:
        return (
            507,
            _("The server's disk is full, so this was not saved."),
            _("What you typed is still here. Tell whoever runs this server, and try again later."),
        )
    return (
        503,
        _("The server cannot reach its data at the moment, so nothing was changed."),
        _("What you typed is still here. Try again in a moment."),
    )
