"""The Quart app, as servers import it."""

import quart

from .served import app as make

app = make(quart)
