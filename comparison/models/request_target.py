"""The target of a request, in the forms of RFC 9112 section 3.2, or of any octets."""

import re
from urllib.parse import unquote_to_bytes

PATHS = ("/", "*", "http://", "https://", "${capture:")
AUTHORITY = re.compile(r"[^\s/?#@]+:\d+")
"""Matches a host with a port (RFC 9112 section 3.2.3)."""

_OCTET = re.compile(rb"\\x([0-9A-Fa-f]{2})|\\\\")


def raw_target(raw_path: str) -> bytes:
    r"""Return the octets that a `raw_path` means: `\xff` is an octet, `\\` a backslash.

    >>> raw_target(r"/?q=\xff")
    b'/?q=\xff'
    """
    return _OCTET.sub(
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else b"\\",
        raw_path.encode(),
    )


def check_target(method: str, path: str, raw_path: str) -> None:
    """Raise ValueError if a request cannot have this target."""
    authority = method == "CONNECT" and AUTHORITY.fullmatch(path)
    if not (path.startswith(PATHS) or authority):
        raise ValueError(f'path must start with "/", not {path[:1]!r}')
    if not raw_path:
        return
    if path != "/":
        raise ValueError("a request has one target, not path and raw_path")
    if re.search(rb"[\r\n]", raw_target(raw_path)):
        raise ValueError("raw_path has a line break, which ends the request line")


def check_mount(mount: str, path: str) -> None:
    """Raise ValueError if an app cannot be mounted there for this path."""
    if not mount.startswith("/") or mount.endswith("/"):
        raise ValueError(f'mount must begin with "/" and not end with it: {mount!r}')
    if "?" in mount or "#" in mount:
        raise ValueError(f"mount is a path, without ? and #: {mount!r}")
    if path.startswith("${capture:"):
        # The path is not known yet. We check it when we insert the captured value.
        return
    if not path.startswith("/"):
        raise ValueError(f'path must begin with "/" where mount is given, not {path!r}')
    # Apps get both decoded.
    rest = unquote_to_bytes(path.partition("?")[0])
    root = unquote_to_bytes(mount)
    if not rest.startswith(root) or rest[len(root) :][:1] not in (b"", b"/"):
        raise ValueError(f"path must begin with the mount {mount!r}, not be {path!r}")
