import pages
from quart import Quart, redirect, render_template_string, request, session
from tokens import TokenForm
from wtforms import StringField
from wtforms.validators import DataRequired


class OrderForm(TokenForm):
    article = StringField(validators=[DataRequired()])


def create_app():
    app = Quart(__name__)
    app.secret_key = "only for this example"

    @app.route("/order", methods=["GET", "POST"])
    async def order():
        form = OrderForm(await request.form)
        if request.method == "POST" and form.validate():
            session["ordered"] = form.article.data
            return redirect("/thanks")
        page = await render_template_string(pages.ORDER, form=form)
        return page, 400 if request.method == "POST" else 200

    @app.get("/thanks")
    async def thanks():
        return await render_template_string(pages.THANKS, article=session["ordered"])

    return app
