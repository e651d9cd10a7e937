import pages
import store
from flask import Flask, abort, redirect, render_template_string, request, session


def create_app():
    app = Flask(__name__)
    app.secret_key = "only for this example"

    @app.get("/")
    def index():
        author = session.get("author")
        return render_template_string(pages.INDEX, author=author, posts=store.posts())

    @app.post("/register")
    def register():
        form = request.form
        if not store.add_author(form["name"], form["password"]):
            return "This name is taken", 409
        return redirect("/login")

    @app.get("/login")
    def login_form():
        return render_template_string(pages.LOGIN, error="")

    @app.post("/login")
    def login():
        form = request.form
        if not store.is_author(form["name"], form["password"]):
            page = render_template_string(pages.LOGIN, error="Wrong name or password")
            return page, 401
        session["author"] = form["name"]
        return redirect("/")

    @app.post("/logout")
    def logout():
        session.clear()
        return redirect("/")

    @app.post("/posts")
    def add_post():
        if "author" not in session:
            return redirect("/login")
        form = request.form
        store.add_post(session["author"], form["title"], form["body"])
        return redirect("/")

    @app.post("/posts/<int:number>/delete")
    def delete_post(number):
        post = store.find_post(number) or abort(404)
        if post["author"] != session.get("author"):
            abort(403)
        store.delete_post(number)
        return redirect("/")

    return app
