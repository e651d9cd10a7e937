"""The Flask app, as servers import it."""

import flask

from .served import app as make

app = make(flask)
