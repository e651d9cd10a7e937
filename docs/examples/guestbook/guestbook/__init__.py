"""A guestbook, for the guide that ports it to Quart."""

from flask import Flask

from . import views
from .store import Store


def create_app():
    app = Flask(__name__)
    app.secret_key = "dev"
    app.store = Store()
    app.store.add("Ada", "The first entry")
    app.register_blueprint(views.bp)

    @app.errorhandler(404)
    def not_found(error):
        return views.page("missing.html"), 404

    return app
