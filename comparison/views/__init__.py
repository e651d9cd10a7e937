"""Describe views as data: what a view returns, and how, without writing its code.

    view = view_from_json('{"body": {"kind": "text", "content": "Hello"}}')
    view = View(
        body=Body("dict", {"message": "Hello"}),
        made="jsonify",
        shape="body-status",
        status=Status("int", 202),
    )
    sources_of(view)["flask"]        # the Python source of a whole app
    case_of(view)                    # the case that sends it to both twins
    case_of(view, Request("POST", "/?page=2", text="…"))
    toml_of(case_of(view))           # the case as TOML, to save
    view_of(case_of(view))           # back from a case, or from its path

Both twins have an endpoint, `/composed`, that builds the described view from the JSON
in its query, and evaluates no code. `view_from_json` and `view_of` raise
`DescriptionError`, whose `field` names the invalid part. `comparison.schemas` has the
JSON Schema of `View`.
"""

from .case import (
    DescriptionError,
    case_of,
    toml_of,
    view_from_json,
    view_of,
    view_to_json,
)
from .model import (
    Abort,
    AddHeader,
    Body,
    Change,
    DeleteCookie,
    DeleteHeader,
    Headers,
    Raise,
    SetBody,
    SetCookie,
    SetHeader,
    SetStatus,
    Status,
    View,
)
from .source import sources_of

__all__ = [
    "Abort",
    "AddHeader",
    "Body",
    "Change",
    "DeleteCookie",
    "DeleteHeader",
    "DescriptionError",
    "Headers",
    "Raise",
    "SetBody",
    "SetCookie",
    "SetHeader",
    "SetStatus",
    "Status",
    "View",
    "case_of",
    "sources_of",
    "toml_of",
    "view_from_json",
    "view_of",
    "view_to_json",
]
