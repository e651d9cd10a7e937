from quart import Quart, request

app = Quart(__name__)


@app.get("/orders/<int:number>")
async def show_order(number):
    return {"number": number, "article": "tea"}


@app.post("/orders")
async def accept_order():
    order = request.get_json(silent=True)
    if not order:
        return {"error": "an order needs an article"}, 400
    return {"message": "accepted"}, 202, {"Location": "/orders/1"}
