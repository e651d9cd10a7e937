import pages
import store
from quart import Quart, abort, redirect, render_template_string, request, session


def create_app():
    app = Quart(__name__)
    app.secret_key = "only for this example"

    @app.get("/")
    async def index():
        author = session.get("author")
        return await render_template_string(
            pages.INDEX, author=author, posts=store.posts()
        )

    @app.post("/register")
    async def register():
        form = await request.form
        if not store.add_author(form["name"], form["password"]):
            return "This name is taken", 409
        return redirect("/login")

    @app.get("/login")
    async def login_form():
        return await render_template_string(pages.LOGIN, error="")

    @app.post("/login")
    async def login():
        form = await request.form
        if not store.is_author(form["name"], form["password"]):
            page = await render_template_string(
                pages.LOGIN, error="Wrong name or password"
            )
            return page, 401
        session["author"] = form["name"]
        return redirect("/")

    @app.post("/logout")
    async def logout():
        session.clear()
        return redirect("/")

    @app.post("/posts")
    async def add_post():
        if "author" not in session:
            return redirect("/login")
        form = await request.form
        store.add_post(session["author"], form["title"], form["body"])
        return redirect("/")

    @app.post("/posts/<int:number>/delete")
    async def delete_post(number):
        post = store.find_post(number) or abort(404)
        if post["author"] != session.get("author"):
            abort(403)
        store.delete_post(number)
        return redirect("/")

    return app
