"""The rules of httpbin for the guide that ports them from Flask to Quart."""

from quart import Quart, request

from . import auth, content, dynamic, formats, inspection, redirects

METHODS = "GET, POST, PUT, DELETE, PATCH, OPTIONS"


def create_app():
    app = Quart(__name__)
    for module in (auth, content, dynamic, formats, inspection, redirects):
        app.register_blueprint(module.bp)

    @app.after_request
    async def allow_other_origins(response):
        headers = response.headers
        headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        headers["Access-Control-Allow-Credentials"] = "true"
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = METHODS
            headers["Access-Control-Max-Age"] = "3600"
        return response

    return app
