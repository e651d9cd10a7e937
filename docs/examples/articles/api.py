"""What both apps share: tokens, and how an article is shown."""

from itsdangerous import BadData, URLSafeTimedSerializer

SIGNER = URLSafeTimedSerializer("only for this example")


def author_of(header):
    scheme, _, token = header.partition(" ")
    try:
        return SIGNER.loads(token, max_age=3600) if scheme == "Token" else None
    except BadData:
        return None


def author_as_json(author):
    token = SIGNER.dumps(author["email"])
    return {"user": {"email": author["email"], "name": author["name"], "token": token}}


def article_as_json(article):
    created = article["created"].isoformat()
    kept = {name: article[name] for name in ("slug", "title", "body")}
    return {"article": {**kept, "author": article["email"], "createdAt": created}}


def slug_of(title):
    return "-".join(title.lower().split())
