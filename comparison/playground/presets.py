"""The presets of "Try it": return values that a learner may wonder about."""

from .view_form import ViewForm

_PLAIN = ViewForm(made="value", shape="body")

PRESETS = {
    "200": _PLAIN,
    "201 with Location": ViewForm(
        body='{"id": 7}', made="value", shape="body-status-headers", status="201",
        headers="Location: /orders/7",
    ),
    "202": ViewForm(),
    "204": ViewForm(body_kind="text", body="", made="value", status="204"),
    "299 with a reason": ViewForm(
        body_kind="text", body="Hello", made="value", status_kind="text",
        status="299 Seen",
    ),
    "404 handler": ViewForm(does="abort", code="404", handled="1"),
    "102": ViewForm(status="102"),
    "wrong tuple": ViewForm(made="value", shape="four"),
    "stream": _PLAIN._replace(body_kind="generator", body="one\ntwo\nthree\n"),
    "cookie": ViewForm(shape="body", cookies_set="seen=yes; HttpOnly; SameSite=Lax"),
}  # fmt: skip
"""The form of each preset, by its name."""
