"""Read curl commands, as documentation and the developer tools of browsers have them.

https://curl.se/docs/manpage.html describes the options. We know of no maintained library for them.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from comparison.core.errors import DocumentError, nearest

from .har import Entry, EntryRequest, Named, PostData, content_type
from .left_out import LeftOut
from .shell import Command, commands

FORM = "application/x-www-form-urlencoded"
WITH_VALUE = {
    "-X": "--request", "-H": "--header", "-d": "--data", "-F": "--form", "-u": "--user",
    "-b": "--cookie", "-A": "--user-agent", "-e": "--referer", "-o": "--output",
    "-m": "--max-time", "-x": "--proxy", "-E": "--cert", "-T": "--upload-file",
    "-w": "--write-out", "-c": "--cookie-jar", "-D": "--dump-header", "-r": "--range",
    "-K": "--config",
}  # fmt: skip
FLAGS = {
    "-G": "--get", "-I": "--head", "-0": "--http1.0", "-s": "--silent",
    "-S": "--show-error", "-i": "--include", "-v": "--verbose", "-f": "--fail",
    "-L": "--location", "-k": "--insecure", "-N": "--no-buffer", "-g": "--globoff",
    "-O": "--remote-name", "-j": "--junk-session-cookies", "-#": "--progress-bar",
}  # fmt: skip
LONG_WITH_VALUE = {
    *WITH_VALUE.values(), "--data-raw", "--data-ascii", "--data-binary",
    "--data-urlencode", "--json", "--form-string", "--url", "--connect-timeout",
    "--retry", "--oauth2-bearer", "--resolve", "--cacert", "--key", "--url-query",
}  # fmt: skip
LONG_FLAGS = {
    *FLAGS.values(), "--compressed", "--http1.1", "--http2", "--http3", "--digest",
    "--basic", "--no-progress-meter", "--fail-with-body", "--no-keepalive", "--ipv4",
    "--ipv6",
}  # fmt: skip
OF_OUTPUT = {
    "--silent", "--show-error", "--include", "--verbose", "--fail", "--output",
    "--write-out", "--no-progress-meter", "--progress-bar", "--fail-with-body",
    "--remote-name", "--no-buffer", "--max-time", "--connect-timeout", "--retry",
    "--globoff", "--basic", "--http1.1", "--dump-header",
}  # fmt: skip
"""Options that do not change the request."""
DATA = {
    "--data", "--data-raw", "--data-ascii", "--data-binary", "--data-urlencode", "--json",
}  # fmt: skip


class CurlCommands:
    """The requests of the curl commands in a file; `left_out` counts what they lose."""

    def __init__(self, left_out: LeftOut) -> None:
        self.left_out = left_out

    def entries(self, path: Path) -> Iterator[Entry]:
        """Yield an entry for each command. Raises DocumentError with every problem."""
        problems: list[str] = []
        found = 0
        try:
            text = path.read_text("utf-8-sig").replace("\r\n", "\n")
            for command in commands(text):
                if Path(command.words[0]).name not in ("curl", "curl.exe"):
                    self.left_out.noun("other command")
                    continue
                found += 1
                try:
                    yield self._entry(command)
                except ValueError as error:
                    problems.append(f"{path}:{command.line}: {error}")
        except OSError as error:
            raise DocumentError([f"{path}: {error.strerror}"]) from None
        except ValueError as error:
            reason = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
            problems.append(f"{path}:{reason}")
        if not found and not problems:
            problems.append(f"{path}:1: has no curl command")
        if problems:
            raise DocumentError(problems)

    def _entry(self, command: Command) -> Entry:
        given: list[tuple[str, str]] = list(_options(command.words[1:]))
        options = {name for name, _ in given}
        for name in options - OF_OUTPUT - set(_READ):
            keep = "write auth of a target" if name == "--digest" else ""
            self.left_out.request(f"option {name}", keep)
        if "--digest" in options:
            # A case cannot answer the challenge.
            given = [option for option in given if option[0] != "--user"]
        headers = [header for name, value in given for header in _header(name, value)]
        body, query = _body(given, headers, "--get" in options)
        urls = [value for name, value in given if name == "--url"]
        if len(urls) != 1:
            raise ValueError(
                "has no URL"
                if not urls
                else "has several URLs; write a command for each"
            )
        url = urls[0].partition("#")[0]
        url = url if "://" in url else f"http://{url}"
        for part in query:
            url += ("&" if "?" in url else "?") + part
        uploads = "--upload-file" in options
        method = (
            "PUT"
            if uploads
            else "POST"
            if body
            else "HEAD"
            if "--head" in options
            else "GET"
        )
        method = next((value for n, value in given[::-1] if n == "--request"), method)
        return Entry(EntryRequest(method, url, tuple(headers), body))


_READ = (
    "--url", "--request", "--header", "--user", "--cookie", "--user-agent", "--referer",
    "--get", "--head", "--form", "--form-string", "--oauth2-bearer", "--range",
    "--url-query", "--upload-file", *DATA,
)  # fmt: skip


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option by its long name, with its value; a URL is `--url`."""
    words_left = iter(words)
    for word in words_left:
        if word.startswith("--") and len(word) > 2:
            known = LONG_WITH_VALUE | LONG_FLAGS
            if word not in known:
                raise ValueError(f"{word}: unknown option{nearest(word, known)}")
            yield word, _value(word, words_left) if word in LONG_WITH_VALUE else ""
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word, words_left)
        else:
            yield "--url", word


def _short(word: str, words_left: Iterator[str]) -> Iterator[tuple[str, str]]:
    for at, letter in enumerate(word[1:], 2):
        option = f"-{letter}"
        if option in WITH_VALUE:
            yield WITH_VALUE[option], word[at:] or _value(option, words_left)
            return
        if option not in FLAGS:
            raise ValueError(f"{option}: unknown option{nearest(option, FLAGS)}")
        yield FLAGS[option], ""


def _value(option: str, words_left: Iterator[str]) -> str:
    value = next(words_left, None)
    if value is None:
        raise ValueError(f"{option}: has no value")
    return value


def _header(option: str, value: str) -> Iterator[Named]:
    named = {"--user-agent": "User-Agent", "--referer": "Referer", "--cookie": "Cookie"}
    if option == "--header":
        name, colon, content = value.partition(":")
        # A name with a semicolon has an empty value; one without a value is not sent.
        if not colon and name.endswith(";"):
            yield Named(name[:-1], "")
        elif content.strip():
            yield Named(name.strip(), content.strip())
    elif option == "--cookie" and "=" not in value:
        raise ValueError(
            f"--cookie {value}: is a file; write its cookies as name=value"
        )
    elif option in named:
        yield Named(named[option], value)
    elif option == "--user":
        encoded = base64.b64encode(value.encode()).decode()
        yield Named("Authorization", f"Basic {encoded}")
    elif option == "--oauth2-bearer":
        yield Named("Authorization", f"Bearer {value}")
    elif option == "--range":
        yield Named("Range", f"bytes={value}")


def _body(
    given: Sequence[tuple[str, str]], headers: list[Named], get: bool
) -> tuple[PostData | None, list[str]]:
    """Return the body and the parts of the query; add the headers that curl adds."""
    query = [_encoded(value) for name, value in given if name == "--url-query"]
    parts = [_part(n, value) for n, value in given if n in ("--form", "--form-string")]
    data = [(name, value) for name, value in given if name in DATA]
    if parts:
        return PostData("multipart/form-data", params=tuple(parts)), query
    if not data:
        uploaded = [value for name, value in given if name == "--upload-file"]
        return PostData(path=uploaded[-1]) if uploaded else None, query
    files = [v for n, v in data if v.startswith("@") and n != "--data-raw"]
    if files:
        if len(data) > 1 or get:
            raise ValueError(f"{files[0]}: a body has one file, and nothing else")
        return PostData(content_type(headers, FORM), path=files[0][1:]), query
    texts = [_DATA.get(name, str)(value) for name, value in data]
    if get:
        return None, [*query, *texts]
    as_json = data[0][0] == "--json"
    mime = content_type(headers, "application/json" if as_json else FORM)
    if as_json and not any(each.name.lower() == "accept" for each in headers):
        headers.append(Named("Accept", "application/json"))
    return PostData(mime, ("" if as_json else "&").join(texts)), query


def _encoded(text: str) -> str:
    name, equals, value = text.partition("=")
    return f"{name}{equals}{quote(value, safe='')}" if name else quote(value, safe="")


_DATA: dict[str, Callable[[str], str]] = {
    "--data-urlencode": lambda text: (
        _encoded(text) if "=" in text else quote(text, safe="")
    )
}


def _part(option: str, text: str) -> Named:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{option} {text}: is written as name=content")
    if option == "--form-string":
        return Named(name, value)
    content, *attributes = value.split(";")
    more = dict(each.strip().split("=", 1) for each in attributes if "=" in each)
    file_name, kind = more.get("filename"), more.get("type")
    if content.startswith(("@", "<")):
        shown = file_name or (Path(content[1:]).name if content[0] == "@" else None)
        return Named(name, "", file_name=shown, content_type=kind, path=content[1:])
    return Named(name, content.strip('"'), file_name=file_name, content_type=kind)
