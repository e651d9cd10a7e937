import api
import store
from flask import Flask, abort, request


def create_app():
    app = Flask(__name__)

    def reader():
        return api.user_of(request.headers.get("Authorization", ""))

    def user():
        return reader() or abort(401)

    def article_of(slug):
        return store.find_article(reader(), slug) or abort(404)

    def own_article(slug):
        username = user()
        if article_of(slug)["author"] != username:
            abort(403)
        return username

    def sent(name):
        return request.get_json()[name]

    def shown(article):
        return {"article": api.article_as_json(article)}

    @app.post("/api/users")
    def register():
        new = sent("user")
        added = store.add_user(new["username"], new["email"], new["password"])
        if added is None:
            return {"errors": {"username": ["has already been taken"]}}, 422
        return api.user_as_json(added), 201

    @app.post("/api/users/login")
    def login():
        given = sent("user")
        return api.user_as_json(store.log_in(given["email"], given["password"]) or abort(401))

    @app.get("/api/user")
    def show_user():
        return api.user_as_json(store.find_user(user()))

    @app.put("/api/user")
    def change_user():
        return api.user_as_json(store.change_user(user(), sent("user")["bio"]))

    @app.get("/api/articles")
    def list_articles():
        found = store.articles(reader(), request.args.get("favorited"))
        every = [api.article_as_json(article) for article in found]
        return {"articles": every, "articlesCount": len(every)}

    @app.post("/api/articles")
    def add_article():
        new = sent("article")
        slug = api.slug_of(new["title"])
        added = store.add_article(user(), slug, new["title"], new["body"])
        return shown(added), 201, {"Location": f"/api/articles/{slug}"}

    @app.get("/api/articles/<slug>")
    def show_article(slug):
        return shown(article_of(slug))

    @app.put("/api/articles/<slug>")
    def change_article(slug):
        author = own_article(slug)
        return shown(store.change_article(author, slug, sent("article")["body"]))

    @app.delete("/api/articles/<slug>")
    def delete_article(slug):
        own_article(slug)
        store.delete_article(slug)
        return {}

    @app.post("/api/articles/<slug>/favorite")
    def favorite(slug):
        article_of(slug)
        return shown(store.favorite(user(), slug))

    @app.delete("/api/articles/<slug>/favorite")
    def unfavorite(slug):
        article_of(slug)
        return shown(store.unfavorite(user(), slug))

    @app.get("/api/articles/<slug>/comments")
    def list_comments(slug):
        article_of(slug)
        return {"comments": [api.comment_as_json(each) for each in store.comments(slug)]}

    @app.post("/api/articles/<slug>/comments")
    def add_comment(slug):
        article_of(slug)
        added = store.add_comment(user(), slug, sent("comment")["body"])
        return {"comment": api.comment_as_json(added)}, 201

    @app.delete("/api/articles/<slug>/comments/<int:number>")
    def delete_comment(slug, number):
        return {} if store.delete_comment(user(), slug, number) else abort(404)

    return app
