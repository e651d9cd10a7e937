import os
import uuid
from datetime import UTC, datetime

from flask import Flask, abort, request, session


def create_app():
    app = Flask(__name__)
    app.secret_key = "only for this example"
    orders = {}

    @app.post("/login")
    def login():
        if request.form["password"] != os.environ["MARKET_PASSWORD"]:
            abort(401)
        session["user"] = request.form["user"]
        return "", 204

    @app.post("/orders")
    def add_order():
        if "user" not in session:
            abort(401)
        order = {
            "id": str(uuid.uuid4()),
            "article": request.get_json()["article"],
            "created": datetime.now(UTC).isoformat(),
        }
        orders[order["id"]] = order
        return order, 201

    @app.get("/orders/<number>")
    def show_order(number):
        return orders.get(number) or abort(404)

    return app
