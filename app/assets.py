"""Static files: read once at start, scripts and styles joined in order, each at an address that names its content."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response

STATIC = Path(__file__).parent.parent / "static"
STYLES = (
    "reset", "tokens", "fonts", "base", "layout", "site", "text", "marks", "heat", "annotation", "discussion",
    "tag-bar", "menu", "class", "live", "notices", "forms", "scripts", "unsent", "print",
)  # fmt: skip
SCRIPTS = (
    "offsets", "identifiers", "keys", "reader", "current", "steps", "focus", "floating", "painting", "selection",
    "outbox", "posting", "tag-bar", "tag-bar-note", "pending", "pile", "margin", "drawer", "filter", "edges", "stream",
    "hand", "nearby", "live", "projector", "place", "drafts", "sign-in", "delivery", "unsent", "unsent-places",
    "leaving", "plain-forms", "reply", "mentions", "conversation", "trail", "failures", "toasts", "copy", "appearance",
)  # fmt: skip
_FOREVER = "public, max-age=31536000, immutable"
_LAYERS = "@layer reset, tokens, base, layout, components, print;\n"


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    packed: bytes | None
    media_type: str
    version: str

    def answer(self, request: Request) -> Response:
        """The file, compressed where the browser takes it; for ever, since its address names its content."""
        headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
        if self.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                self.packed, headers=headers | {"content-encoding": "gzip"}, media_type=self.media_type
            )
        return Response(self.body, headers=headers, media_type=self.media_type)


class Assets:
    """All static files by name."""

    def __init__(self, root: Path = STATIC) -> None:
        files = [path for path in root.rglob("*") if path.is_file()]
        self._assets = {
            str(path.relative_to(root)): _asset(path.name, path.read_bytes())
            for path in files
            if path.suffix not in {".css", ".js"} or path.parent.name == "vendor"
        }
        styles = _LAYERS + _joined(root / "css", STYLES, ".css")
        scripts = _joined(root / "js", SCRIPTS, ".js")
        self._assets["app.css"] = _asset("app.css", styles.encode())
        self._assets["app.js"] = _asset("app.js", scripts.encode())
        versions = "".join(asset.version for asset in self._assets.values())
        self.version = hashlib.sha256(versions.encode()).hexdigest()[:12]

    def get(self, name: str) -> Asset | None:
        """The file called `name`, if there is one."""
        return self._assets.get(name)

    def url(self, name: str) -> str:
        """The address of a file. KeyError when there is none: a template names what is not there."""
        return f"/static/{name}?v={self._assets[name].version}"


def _asset(name: str, body: bytes) -> Asset:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0) if media_type.startswith(("text/", "image/svg")) else None
    return Asset(body, packed, media_type, hashlib.sha256(body).hexdigest()[:12])


def _joined(folder: Path, names: tuple[str, ...], suffix: str) -> str:
    return "\n".join((folder / f"{name}{suffix}").read_text() for name in names)
