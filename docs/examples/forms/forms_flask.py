import pages
from flask import Flask, redirect, render_template_string, session
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired


class OrderForm(FlaskForm):
    article = StringField(validators=[DataRequired()])


def create_app():
    app = Flask(__name__)
    app.secret_key = "only for this example"

    @app.route("/order", methods=["GET", "POST"])
    def order():
        form = OrderForm()
        if form.validate_on_submit():
            session["ordered"] = form.article.data
            return redirect("/thanks")
        page = render_template_string(pages.ORDER, form=form)
        return page, 400 if form.is_submitted() else 200

    @app.get("/thanks")
    def thanks():
        return render_template_string(pages.THANKS, article=session["ordered"])

    return app
