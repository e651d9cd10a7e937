"""The tokens and the JSON of both apps."""

from itsdangerous import BadData, URLSafeTimedSerializer

SIGNER = URLSafeTimedSerializer("only for this example")


def user_of(header):
    """Return the name of the user whose token a header has; None without a valid one."""
    scheme, _, token = header.partition(" ")
    try:
        return SIGNER.loads(token, max_age=3600) if scheme == "Token" else None
    except BadData:
        return None


def user_as_json(user):
    token = SIGNER.dumps(user["username"])
    shown = {name: user[name] for name in ("email", "username", "bio")}
    return {"user": {**shown, "token": token}}


def article_as_json(article):
    names = ("slug", "title", "body", "favorited", "favoritesCount")
    shown = {name: article[name] for name in names}
    return {**shown, **written(article)}


def comment_as_json(comment):
    return {"id": comment["id"], "body": comment["body"], **written(comment)}


def written(row):
    return {"author": {"username": row["author"]}, "createdAt": row["created"].isoformat()}


def slug_of(title):
    return "-".join(title.lower().split())
