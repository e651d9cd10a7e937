"""The database of both apps: users and articles in PostgreSQL."""

import os

import psycopg
from psycopg.rows import dict_row
from werkzeug.security import check_password_hash, generate_password_hash

HASH = "pbkdf2:sha256:1000"  # quick, because the cases log in often
SCHEMA = """
DROP TABLE IF EXISTS article;
DROP TABLE IF EXISTS author;
CREATE TABLE author (email TEXT PRIMARY KEY, name TEXT NOT NULL, password TEXT NOT NULL);
CREATE TABLE article (
    slug TEXT PRIMARY KEY,
    email TEXT NOT NULL REFERENCES author,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL DEFAULT now()
);
"""


def run(statement, *values):
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, row_factory=dict_row) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def reset():
    run(SCHEMA)


def add_author(email, name, password):
    hashed = generate_password_hash(password, method=HASH)
    insert = "INSERT INTO author VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
    return run(insert, email, name, hashed) == 1


def find_author(email, password):
    for author in run("SELECT * FROM author WHERE email = %s", email):
        if check_password_hash(author["password"], password):
            return author
    return None


def articles():
    return run("SELECT * FROM article ORDER BY created DESC")


def find_article(slug):
    return next(iter(run("SELECT * FROM article WHERE slug = %s", slug)), None)


def add_article(email, slug, title, body):
    insert = "INSERT INTO article VALUES (%s, %s, %s, %s) RETURNING *"
    return run(insert, slug, email, title, body)[0]


def change_article(slug, body):
    update = "UPDATE article SET body = %s WHERE slug = %s RETURNING *"
    return run(update, body, slug)[0]


def delete_article(slug):
    run("DELETE FROM article WHERE slug = %s", slug)
