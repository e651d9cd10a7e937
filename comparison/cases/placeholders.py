"""Secrets in drafted cases: each is replaced by a variable of the environment."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus

from comparison.redaction import CREDENTIALS, SHORTEST, secrets_in, telling

_PART = re.compile(
    r'(name="(?P<name>[^"]*)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(?P<value>.*?)(?=\r?\n--)',
    re.DOTALL,
)


class Placeholders:
    """Replaces secrets by `${env:NAME}`, and remembers them to find them again.

    Equal secrets have the same name. A cookie has one name whatever its value, since
    apps renew cookies as they like.

    >>> places = Placeholders()
    >>> places.header("Authorization", "Bearer 12345")
    'Bearer ${env:AUTHORIZATION}'
    >>> places.target("/items?token=67890&page=2")
    '/items?token=${env:TOKEN}&page=2'
    >>> places.text("67890 costs ${price}")
    '${env:TOKEN} costs $${price}'
    """

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self._by_value: dict[str, str] = {}

    def secret(self, name: str, value: str, *, one: bool = False) -> str:
        """The placeholder of a secret; `one` for every value of that name."""
        if not value:
            return ""
        variable = self._by_value.get(value) or self._variable(name, one)
        for form in (value, quote(value, safe=""), quote_plus(value), _in_json(value)):
            self._by_value.setdefault(form, variable)
        return f"${{env:{variable}}}"

    def text(self, text: str) -> str:
        """The text without the secrets seen so far, written as a case file has it."""
        found = [v for v in self._by_value if len(v) >= SHORTEST and v in text]
        if not found:
            return _escaped(text)
        longest = sorted(found, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, longest))})", text)
        return "".join(
            f"${{env:{self._by_value[part]}}}" if number % 2 else _escaped(part)
            for number, part in enumerate(parts)
        )

    def shows_secrets(self, text: str) -> bool:
        """Whether a text holds a secret seen so far, or a value with a telling name."""
        known = any(len(v) >= SHORTEST and v in text for v in self._by_value)
        return known or any(True for _ in secrets_in(text))

    def header(self, name: str, value: str) -> str:
        """The value of a request's header."""
        if name.lower() in CREDENTIALS:
            scheme, space, credentials = value.partition(" ")
            if not space:
                return self.secret(name, value)
            return f"{_escaped(scheme)} {self.secret(name, credentials)}"
        if name.lower() == "cookie":
            return "; ".join(map(self._cookie, value.split(";")))
        return self.secret(name, value) if telling(name) else self.text(value)

    def target(self, target: str) -> str:
        """A path with its query."""
        path, mark, query = target.partition("?")
        return self.text(path) + mark + self.query(query)

    def query(self, query: str) -> str:
        """A query or a form, with its values encoded as they were."""
        return "&".join(map(self._pair, query.split("&")))

    def form(self, text: str) -> list[tuple[str, str]]:
        """A form's names and values, decoded."""
        pairs = parse_qsl(text, keep_blank_values=True)
        return [(self.text(name), self.field(name, value)) for name, value in pairs]

    def field(self, name: str, value: str) -> str:
        """The value of a form's field."""
        return self.secret(name, value) if telling(name) else self.text(value)

    def multipart(self, text: str) -> str:
        """The body of a form in parts; fields with telling names are secrets."""
        pieces: list[str] = []
        end = 0
        for part in _PART.finditer(text):
            pieces += [self.text(text[end : part.start("value")])]
            pieces += [self.field(part["name"], part["value"])]
            end = part.end("value")
        return "".join([*pieces, self.text(text[end:])])

    def data(self, data: Any, name: str = "") -> Any:
        """A JSON value; everything below a telling name is a secret."""
        if isinstance(data, dict):
            return {
                self.text(key): self.data(item, key if telling(key) else name)
                for key, item in data.items()
            }
        if isinstance(data, list):
            return [self.data(item, name) for item in data]
        if name and data is not None and not isinstance(data, bool):
            return self.secret(name, str(data))
        return self.text(data) if isinstance(data, str) else data

    def _variable(self, name: str, one: bool) -> str:
        wanted = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "SECRET"
        wanted = wanted if wanted[0].isalpha() else f"SECRET_{wanted}"
        found, number = wanted, 2
        while found in self.names and not one:
            found, number = f"{wanted}_{number}", number + 1
        self.names[found] = None
        return found

    def _cookie(self, pair: str) -> str:
        name, equals, value = pair.strip().partition("=")
        if not equals:
            return self.secret("cookie", name, one=True)
        return f"{_escaped(name)}={self.secret(f'cookie {name}', value, one=True)}"

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if equals and telling(unquote_plus(name)):
            return f"{_escaped(name)}={self.secret(unquote_plus(name), value)}"
        return self.text(pair)


def escaped(data: Any) -> Any:
    """Text, or a JSON value with all its texts, as a case file has it.

    >>> escaped({"price": "${price}"})
    {'price': '$${price}'}
    """
    if isinstance(data, str):
        return _escaped(data)
    if isinstance(data, dict):
        return {_escaped(key): escaped(item) for key, item in data.items()}
    return [escaped(item) for item in data] if isinstance(data, list) else data


def _escaped(text: str) -> str:
    return text.replace("${", "$${")


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
