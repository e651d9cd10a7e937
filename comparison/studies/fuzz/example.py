"""An example: a view description and a request for it. It needs no library of `fuzz`."""

from msgspec import Struct
from msgspec.structs import replace

from comparison.models import Case, Request
from comparison.views import case_of, model


class Example(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A view description and the request for it."""

    view: model.View
    request: Request
    beside: str = ""

    def case(self, id: str = "", title: str = "") -> Case:
        """Return a case with the request; `beside` is appended to the view's path."""
        case = case_of(self.view, self.request, id=id, title=title)
        if not self.beside:
            return case
        path, _, query = case.request.path.partition("?")
        request = replace(case.request, path=f"{path}{self.beside}?{query}")
        return replace(case, request=request)
