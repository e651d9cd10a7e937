"""Make the values of drafts: examples of a document, else samples, as schemas allow."""

from typing import Any

from .markup import Keys
from .openapi import ABSENT, OpenApi
from .repairs import Repairs
from .samples import Sampler


class Values:
    """The values of one document."""

    def __init__(self, document: OpenApi, sampler: Sampler) -> None:
        self._document = document
        self._sampler = sampler
        self.repairs = Repairs(document, sampler)

    def allowed(self, value: Any, schema: Any, keys: Keys) -> Any:
        """Return the value as its schema allows it, with as few changes as possible."""
        found, problem = self.repairs.repaired(value, schema, keys)
        if problem:
            # A value without what its authors give may be better.
            other = self._sampler.sample(schema, keys, only_required=True)
            if other is not ABSENT:
                other, left = self.repairs.repaired(other, schema, keys)
                if not left:
                    return other
            text = f"no value that its schema allows was found: {problem}"
            self._document.note(text, keys)
        return found
