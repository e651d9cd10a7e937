"""The entries, and the one that a visitor sends."""

from flask import request


class Store:
    def __init__(self):
        self.entries = []

    def add(self, name, text):
        self.entries.append({"number": len(self.entries) + 1, "name": name, "text": text})
        return self.entries[-1]

    def add_sent(self):
        sent = Sent()
        return self.add(sent.name, sent.text)


class Sent:
    """What a visitor sends, as a form or as JSON."""

    @property
    def values(self):
        if request.is_json:
            return request.get_json()
        return request.form

    @property
    def name(self):
        return self.values.get("name") or "Somebody"

    @property
    def text(self):
        return self.values["text"]
