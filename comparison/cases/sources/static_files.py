"""Recognise recorded requests for static files, which a case need not send."""

from .har import Content, Entry

_STATIC_TYPES = ("image/", "font/", "audio/", "video/", "text/css", "application/wasm")
_STATIC_SUFFIXES = (
    ".css", ".js", ".mjs", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico",
    ".webp", ".avif", ".woff", ".woff2", ".ttf", ".otf", ".mp3", ".mp4", ".webm",
    ".wasm",
)  # fmt: skip


def is_static(entry: Entry, path: str) -> bool:
    """Return whether an entry is for a file that the server does not make."""
    if entry.request.method not in ("GET", "HEAD"):
        return False
    content = entry.response.content if entry.response else Content()
    mime = (content.mime_type or "").lower()
    if mime.startswith(_STATIC_TYPES) or "javascript" in mime:
        return True
    return path.lower().endswith(_STATIC_SUFFIXES)
