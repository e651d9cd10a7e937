"""Name the states of a connection after a response (see `Response.connection`)."""

KEPT = "kept"
CLOSED = "closed as announced"
DROPPED = "closed without notice"
WHOLE = "kept or closed"
CORRUPTED = "corrupted"
STUCK = "stuck"
UPGRADED = "upgraded"
