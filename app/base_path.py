"""The path under which Postil stands behind a proxy, such as /postil: put before every address that goes out.

Within, addresses begin at Postil's own root. Templates get the base path as they are loaded, redirects as the answer
leaves, and scripts take it from where they were loaded.
"""

import re
from typing import Any

from jinja2 import Environment
from jinja2.exceptions import TemplateSyntaxError
from jinja2.ext import Extension

# Where the environment keeps what its extensions are told.
_POLICY = "postil.base_path"
ADDRESS_HEADERS = {b"location", b"hx-redirect", b"hx-location", b"hx-push-url", b"hx-replace-url"}
# An attribute that holds an address, up to what its value begins with: a path of ours, or what Jinja makes.
_ADDRESS = re.compile(
    r"""(?P<attribute>(?<![\w-])(?:href|src|action|formaction|poster|cite|hx-(?:get|post|put|patch|delete|action|"""
    r"""push-url|replace-url)(?::[\w-]+)*)\s*=\s*["'])"""
    r"""(?:(?P<path>/(?!/))|\{\{[-+]?(?P<made>.*?)[-+]?\}\}|(?P<block>\{%))""",
    re.DOTALL,
)


def is_under(base: str, address: str) -> bool:
    """Whether an address on this server stands under the base path."""
    return address.startswith(base) and address[len(base) : len(base) + 1] in {"", "/", "?", "#"}


def at_base(base: str, address: Any) -> Any:
    """`address` under the base path. Another server's, and one that stands there already, stays as it is."""
    if not isinstance(address, str) or not address.startswith("/") or address.startswith("//"):
        return address
    return address if is_under(base, address) else base + address


def header_at_base(base: str, name: bytes, value: bytes) -> bytes:
    """The value of a response header: under the base path where it is an address."""
    if name.lower() not in ADDRESS_HEADERS:
        return value
    return str(at_base(base, value.decode("latin-1"))).encode("latin-1")


def put_under(base: str, scope: dict[str, Any]) -> dict[str, Any]:
    """An ASGI scope whose path has the base path, whether the proxy left it there or took it off."""
    if not base:
        return scope
    path = scope["path"] if is_under(base, scope["path"]) else base + scope["path"]
    return {**scope, "root_path": base, "path": f"{base}/" if path == base else path}


def install(environment: Environment, base: str) -> None:
    """Lets the environment's templates write every address under the base path; without one they stay untouched."""
    if base:
        environment.policies[_POLICY] = base
        environment.filters["at_base"] = lambda address: at_base(base, address)
        environment.add_extension(AddressesAtBase)


class AddressesAtBase(Extension):
    """Puts the base path into templates' source, where the value of an attribute that holds an address begins."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source with the base path. TemplateSyntaxError where it cannot be seen how an address begins."""
        base: str = self.environment.policies[_POLICY]

        def rewritten(found: re.Match[str]) -> str:
            if found["block"]:
                line = source.count("\n", 0, found.start()) + 1
                raise TemplateSyntaxError("An address must not begin with a block.", line, name, filename)
            if found["path"]:
                return f"{found['attribute']}{base}/"
            return f"{found['attribute']}{{{{ ({found['made'].strip()})|at_base }}}}"

        return _ADDRESS.sub(rewritten, source)
