import api
import store
from quart import Quart, abort, request


def create_app():
    app = Quart(__name__)

    def author():
        return api.author_of(request.headers.get("Authorization", "")) or abort(401)

    def own_article(slug):
        email = author()
        article = store.find_article(slug) or abort(404)
        if article["email"] != email:
            abort(403)
        return article

    @app.post("/api/users")
    async def register():
        user = (await request.get_json())["user"]
        if not store.add_author(user["email"], user["name"], user["password"]):
            return {"errors": {"email": ["has already been taken"]}}, 422
        return api.author_as_json(user), 201

    @app.post("/api/users/login")
    async def login():
        user = (await request.get_json())["user"]
        found = store.find_author(user["email"], user["password"]) or abort(401)
        return api.author_as_json(found)

    @app.get("/api/articles")
    async def list_articles():
        return [api.article_as_json(article) for article in store.articles()]

    @app.post("/api/articles")
    async def add_article():
        email = author()
        new = (await request.get_json())["article"]
        slug = api.slug_of(new["title"])
        added = store.add_article(email, slug, new["title"], new["body"])
        return api.article_as_json(added), 201, {"Location": f"/api/articles/{slug}"}

    @app.get("/api/articles/<slug>")
    async def show_article(slug):
        return api.article_as_json(store.find_article(slug) or abort(404))

    @app.put("/api/articles/<slug>")
    async def change_article(slug):
        own_article(slug)
        body = (await request.get_json())["article"]["body"]
        return api.article_as_json(store.change_article(slug, body))

    @app.delete("/api/articles/<slug>")
    async def delete_article(slug):
        own_article(slug)
        store.delete_article(slug)
        return {}

    return app
