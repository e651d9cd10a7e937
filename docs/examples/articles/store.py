"""The database of both apps: users, articles, comments and favourites in PostgreSQL."""

import os

import psycopg
from psycopg.rows import dict_row
from werkzeug.security import check_password_hash, generate_password_hash

HASH = "pbkdf2:sha256:1000"  # quick, because the cases log in often
SCHEMA = """
DROP TABLE IF EXISTS favorite, comment, article, author;
CREATE TABLE author (
    username TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    bio TEXT NOT NULL DEFAULT ''
);
CREATE TABLE article (
    slug TEXT PRIMARY KEY,
    author TEXT NOT NULL REFERENCES author,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE comment (
    id SERIAL PRIMARY KEY,
    slug TEXT NOT NULL REFERENCES article ON DELETE CASCADE,
    author TEXT NOT NULL REFERENCES author,
    body TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE favorite (
    slug TEXT REFERENCES article ON DELETE CASCADE,
    username TEXT REFERENCES author,
    PRIMARY KEY (slug, username)
);
"""
ARTICLES = """
SELECT article.*,
    (SELECT count(*) FROM favorite WHERE favorite.slug = article.slug) AS "favoritesCount",
    EXISTS (SELECT FROM favorite WHERE slug = article.slug AND username = %s) AS favorited
FROM article
"""


def run(statement, *values):
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, row_factory=dict_row) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def first(statement, *values):
    return next(iter(run(statement, *values)), None)


def reset():
    run(SCHEMA)


def add_user(username, email, password):
    hashed = generate_password_hash(password, method=HASH)
    insert = "INSERT INTO author VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING *"
    return first(insert, username, email, hashed)


def find_user(username):
    return first("SELECT * FROM author WHERE username = %s", username)


def log_in(email, password):
    user = first("SELECT * FROM author WHERE email = %s", email)
    return user if user and check_password_hash(user["password"], password) else None


def change_user(username, bio):
    return first("UPDATE author SET bio = %s WHERE username = %s RETURNING *", bio, username)


def articles(reader, favorited=None):
    if favorited is None:
        return run(f"{ARTICLES} ORDER BY created DESC", reader)
    liked = "WHERE slug IN (SELECT slug FROM favorite WHERE username = %s)"
    return run(f"{ARTICLES} {liked} ORDER BY created DESC", reader, favorited)


def find_article(reader, slug):
    return first(f"{ARTICLES} WHERE slug = %s", reader, slug)


def add_article(author, slug, title, body):
    run("INSERT INTO article VALUES (%s, %s, %s, %s)", slug, author, title, body)
    return find_article(author, slug)


def change_article(author, slug, body):
    run("UPDATE article SET body = %s WHERE slug = %s", body, slug)
    return find_article(author, slug)


def delete_article(slug):
    run("DELETE FROM article WHERE slug = %s", slug)


def favorite(reader, slug):
    run("INSERT INTO favorite VALUES (%s, %s) ON CONFLICT DO NOTHING", slug, reader)
    return find_article(reader, slug)


def unfavorite(reader, slug):
    run("DELETE FROM favorite WHERE slug = %s AND username = %s", slug, reader)
    return find_article(reader, slug)


def comments(slug):
    return run("SELECT * FROM comment WHERE slug = %s ORDER BY id", slug)


def add_comment(author, slug, body):
    insert = "INSERT INTO comment (slug, author, body) VALUES (%s, %s, %s) RETURNING *"
    return first(insert, slug, author, body)


def delete_comment(author, slug, number):
    delete = "DELETE FROM comment WHERE slug = %s AND author = %s AND id = %s"
    return run(delete, slug, author, number) == 1
