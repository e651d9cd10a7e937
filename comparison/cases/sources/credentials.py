"""Add the credentials of an OpenAPI operation to a request, as environment variables."""

from urllib.parse import quote

from comparison.cases.placeholders import Placeholders, escaped

from .openapi import HUMP, OpenApi
from .openapi_format import Operation, SecurityScheme

AUTHORIZATION = "authorization"

Headers = list[tuple[str, str]]


class Credentials:
    """The security schemes of one document."""

    def __init__(self, document: OpenApi, places: Placeholders) -> None:
        self._document = document
        self._places = places

    def add(
        self,
        operation: Operation,
        query: list[str],
        headers: Headers,
        cookies: list[str],
    ) -> None:
        """Add environment variables for the first security requirement."""
        root = self._document.root
        ways = root.security if operation.security is None else operation.security
        if not ways or {} in ways:
            return
        for name in ways[0]:
            keys = ("components", "securitySchemes", name)
            given = self._document.part(keys)
            scheme = given and self._document.read(given, SecurityScheme, keys)
            if not scheme:
                self._document.problem("is required, and not described", keys)
                continue
            if scheme.type == "mutualTLS":
                text = "not drafted: a certificate of the client, which no case sends"
                self._document.note(text, keys)
                continue
            variable = self._places.secret(HUMP.sub("_", name), name, one=True)
            match scheme.type, scheme.where:
                case "apiKey", "query":
                    query.append(f"{quote(scheme.name, safe='')}={variable}")
                case "apiKey", "header":
                    if scheme.name.lower() not in _names(headers):
                        headers.append((escaped(scheme.name), variable))
                case "apiKey", "cookie":
                    cookies.append(f"{escaped(scheme.name)}={variable}")
                case (("http" | "oauth2" | "openIdConnect"), _):
                    kind = (scheme.scheme or "bearer").title()
                    # A request has one such field, and this way says how it begins.
                    headers[:] = [h for h in headers if h[0].lower() != AUTHORIZATION]
                    headers.append(("Authorization", f"{escaped(kind)} {variable}"))

    def add_authorization(self, headers: Headers) -> None:
        """Add the header that an operation requires, if no security scheme describes it.

        OpenAPI ignores such a parameter, but the API would reject the request.
        """
        if AUTHORIZATION not in _names(headers):
            name = AUTHORIZATION.title()
            headers.append((name, self._places.secret(name, name, one=True)))


def _names(headers: Headers) -> set[str]:
    return {name.lower() for name, _ in headers}
