"""Postil as it is served, with one more address that makes it forget the paragraphs it has drawn."""

from fastapi import Request, Response

from app.keeping import Keeper
from app.main import create_app
from app.settings import load_settings
from benchmarks.serving import serve

FORGET = "/bench/forget"


async def forget(request: Request) -> Response:
    """Empties what is kept of drawn pages, so that the next answer is drawn anew."""
    database = request.app.state.database
    for name, kept in vars(database).items():
        if isinstance(kept, Keeper) and name != "texts":
            kept.clear()
    return Response(status_code=204)


def main() -> None:
    """Serves until it is stopped."""
    app = create_app(load_settings())
    app.add_api_route(FORGET, forget)
    serve(app)


if __name__ == "__main__":
    main()
