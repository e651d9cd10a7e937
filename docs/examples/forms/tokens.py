"""Forms with the CSRF tokens of Flask-WTF, which has no counterpart for Quart."""

import hashlib
import hmac
import os

from itsdangerous import BadData, URLSafeTimedSerializer
from quart import current_app, session
from wtforms import Form
from wtforms.csrf.core import CSRF
from wtforms.validators import ValidationError

NAME = "csrf_token"


class SessionToken(CSRF):
    """The session has a random value. Its signed form is the token."""

    def generate_csrf_token(self, field):
        if NAME not in session:
            session[NAME] = hashlib.sha1(os.urandom(64)).hexdigest()
        return signer().dumps(session[NAME])

    def validate_csrf_token(self, form, field):
        if not field.data:
            raise ValidationError("The CSRF token is missing.")
        try:
            value = signer().loads(field.data, max_age=3600)
        except BadData:
            raise ValidationError("The CSRF token is invalid.") from None
        if not hmac.compare_digest(session.get(NAME, ""), value):
            raise ValidationError("The CSRF tokens do not match.")


class TokenForm(Form):
    class Meta:
        csrf = True
        csrf_class = SessionToken
        csrf_field_name = NAME


def signer():
    return URLSafeTimedSerializer(current_app.secret_key, salt="wtf-csrf-token")
