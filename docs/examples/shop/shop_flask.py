from flask import Flask, request

app = Flask(__name__)


@app.get("/orders/<int:number>")
def show_order(number):
    return {"number": number, "article": "tea"}


@app.post("/orders")
def accept_order():
    order = request.get_json(silent=True)
    if not order:
        return {"error": "an order needs an article"}, 400
    return {"message": "accepted"}, 202, {"Location": "/orders/1"}
