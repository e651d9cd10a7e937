"""Replace each secret in drafted cases by an environment variable."""

import json
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus

from comparison.redaction import (
    CREDENTIALS,
    Forms,
    about,
    authorizing,
    counting,
    fields_in,
    is_secret_name,
)

_PART = re.compile(
    r'(name="(?P<name>[^"]*)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(?P<value>.*?)(?=\r?\n--)',
    re.DOTALL,
)


class Placeholders:
    """Replaces secrets by `${env:NAME}`, and remembers them to find them again.

    Equal secrets have the same name. A cookie has one name for all its values, because
    apps renew cookies.

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
        self._forms = Forms()

    def secret(self, name: str, value: str, *, one: bool = False) -> str:
        """Return the placeholder of a secret; `one` for every value of that name."""
        if not value:
            return ""
        variable = self._by_value.get(value) or self._variable(name, one)
        for form in (value, quote(value, safe=""), quote_plus(value), _in_json(value)):
            self._by_value.setdefault(form, variable)
        self._forms.add(value, variable, f"{variable}_ENCODED")
        return f"${{env:{variable}}}"

    def learn(self, text: str) -> bool:
        """Collect the secrets in a text; return whether it has any, known ones too."""
        found = False
        for name, value in fields_in(text):
            found = True
            if value not in self._by_value:
                self.secret(name, value)
        return found or bool(self._forms.spans(text))

    def text(self, text: str) -> str:
        """Return the text without its secrets, escaped for a case file."""
        return self._without(text) if self.learn(text) else _escaped(text)

    def _without(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for start, stop, variable in self._forms.spans(text):
            parts += [_escaped(text[end:start]), f"${{env:{variable}}}"]
            self.names[variable] = None
            end = stop
        return "".join([*parts, _escaped(text[end:])])

    def header(self, name: str, value: str) -> str:
        """Return the value of a request header without secrets."""
        if name.lower() in CREDENTIALS:
            scheme, space, credentials = value.partition(" ")
            if not space:
                return self.secret(name, value)
            return f"{_escaped(scheme)} {self.secret(name, credentials)}"
        if name.lower() == "cookie":
            return "; ".join(map(self._cookie, value.split(";")))
        return self.secret(name, value) if is_secret_name(name) else self.text(value)

    def target(self, target: str) -> str:
        """Return a path with its query without secrets."""
        path, mark, query = target.partition("?")
        return self.text(path) + mark + self.query(query)

    def query(self, query: str) -> str:
        """Return a query or a form without secrets, with its values encoded as before."""
        pairs = query.split("&")
        names = {unquote_plus(pair.partition("=")[0]) for pair in pairs}
        return "&".join(self._pair(pair, names) for pair in pairs)

    def form(self, text: str) -> list[tuple[str, str]]:
        """Return a form's names and values, decoded."""
        pairs = parse_qsl(text, keep_blank_values=True)
        names = {name for name, _ in pairs}
        return [
            (self.text(name), self.field(name, value, names)) for name, value in pairs
        ]

    def field(self, name: str, value: str, names: Collection[str] = ()) -> str:
        """Return the value of a form field; `names` are those of all fields."""
        secret = is_secret_name(name) or authorizing(name, names)
        return self.secret(name, value) if secret else self.text(value)

    def multipart(self, text: str) -> str:
        """Return a multipart body; fields with secret names are secrets."""
        pieces: list[str] = []
        end = 0
        for part in _PART.finditer(text):
            pieces += [self.text(text[end : part.start("value")])]
            pieces += [self.field(part["name"], part["value"])]
            end = part.end("value")
        return "".join([*pieces, self.text(text[end:])])

    def json(self, text: str, value: Any) -> Any:
        """Return the value of a JSON text; everything below a secret name is a secret."""
        return self.data(value) if self.learn(text) else escaped(value)

    def data(self, data: Any, name: str = "") -> Any:
        """Return JSON without secrets; everything below a secret name is one.

        `learn` must have searched its text.
        """
        if isinstance(data, dict):
            return {
                self._without(key): self.data(item, _secret_name(key, name))
                for key, item in data.items()
            }
        if isinstance(data, list):
            return [self.data(item, name) for item in data]
        plain = data is None or isinstance(data, bool)
        if name and not plain and not counting(name, str(data)):
            return self.secret(name, str(data))
        return self._without(data) if isinstance(data, str) else data

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

    def _pair(self, pair: str, names: Collection[str]) -> str:
        name, equals, value = pair.partition("=")
        plain = unquote_plus(name)
        if equals and (is_secret_name(plain) or authorizing(plain, names)):
            return f"{_escaped(name)}={self.secret(plain, value)}"
        return self.text(pair)


def escaped(data: Any) -> Any:
    """Escape a text, or all texts in a JSON value, for a case file.

    >>> escaped({"price": "${price}"})
    {'price': '$${price}'}
    """
    if isinstance(data, str):
        return _escaped(data)
    if isinstance(data, dict):
        return {_escaped(key): escaped(item) for key, item in data.items()}
    return [escaped(item) for item in data] if isinstance(data, list) else data


def _secret_name(key: str, above: str) -> str:
    """Return the secret name that applies to the value of a key, if any."""
    return key if is_secret_name(key) else "" if about(key) else above


def _escaped(text: str) -> str:
    return text.replace("${", "$${")


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
