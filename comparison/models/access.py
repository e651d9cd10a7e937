"""Additions to the requests for one target: a path prefix, headers, a login."""

import base64
import re

import msgspec
from msgspec import Struct

from .request import Pairs, Request

FROM_ENVIRONMENT = re.compile(r"\$\{env:[^{}]+\}")


class Login(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A user and a password."""

    user: str
    password: str


class Auth(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """How a target authenticates each request: with one of the fields.

    `basic` (RFC 7617) and `digest` (RFC 7616) are a user and a password. `bearer` is a token
    (RFC 6750).
    """

    basic: Login | None = None
    digest: Login | None = None
    bearer: str = ""

    def __post_init__(self) -> None:
        given = [name for name in ("basic", "digest", "bearer") if getattr(self, name)]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"auth has one of basic, digest and bearer, not {found}")

    @property
    def secret(self) -> str:
        """The password or the token."""
        login = self.basic or self.digest
        return self.bearer if login is None else login.password

    @property
    def header(self) -> str:
        """The value of Authorization; "" for digest, which a challenge comes before."""
        if self.bearer:
            return f"Bearer {self.bearer}"
        if self.basic is None:
            return ""
        pair = f"{self.basic.user}:{self.basic.password}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


class Access(Struct, frozen=True, gc=False, forbid_unknown_fields=True, rename="kebab"):
    """The additions to each request for one target.

    `path-prefix` comes before each `path` or `raw_path` that begins with a slash. `headers`
    are added unless the request of a case has one of that name. So is the header for `auth`.
    """

    path_prefix: str = ""
    headers: dict[str, str] = {}
    auth: Auth | None = None

    def __post_init__(self) -> None:
        prefix = self.path_prefix
        if prefix and (
            prefix[0] != "/" or prefix[-1] == "/" or set(prefix) & set("?#")
        ):
            raise ValueError(
                f'path-prefix begins with "/", does not end with it, and has no ? or #:'
                f" {prefix!r}"
            )
        for name in self.headers:
            if not name or not name.isascii():
                raise ValueError(f"a header's name must be ASCII, not {name!r}")

    @property
    def digest(self) -> Login | None:
        """The login for digest authentication, if the target needs one."""
        return None if self.auth is None else self.auth.digest

    def applied(self, request: Request) -> Request:
        """Return the request as this target needs it."""
        given = request.headers
        headers: Pairs = tuple(given.items() if isinstance(given, dict) else given)
        names = {name.lower() for name, _ in headers}
        more = dict(self.headers)
        if self.auth is not None and self.auth.header:
            more.setdefault("Authorization", self.auth.header)
        added = tuple(pair for pair in more.items() if pair[0].lower() not in names)
        field = "raw_path" if request.raw_path else "path"
        target = getattr(request, field)
        # The target of a request that follows a redirect is not known yet.
        changed: dict[str, str] = {}
        if target.startswith("/") and not request.follow:
            changed[field] = f"{self.path_prefix}{target}"
            if request.mount:
                changed["mount"] = f"{self.path_prefix}{request.mount}"
        return msgspec.structs.replace(request, headers=(*headers, *added), **changed)


class TargetTable(
    Access, frozen=True, gc=False, forbid_unknown_fields=True, rename="kebab",
    kw_only=True,
):  # fmt: skip
    """A target as a table of pyproject.toml. `spec` says where its app is.

    `${env:NAME}` in `headers` and `auth` is a variable of the environment.
    """

    spec: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.auth is not None and not FROM_ENVIRONMENT.search(self.auth.secret):
            field = "token" if self.auth.bearer else "password"
            raise ValueError(
                f'auth: a {field} does not belong into a file: write "${{env:NAME}}" for'
                " a variable of the environment"
            )
