"""The blog's database. Both apps use it, as a service and its port do for a while."""

import sqlite3
from contextlib import closing
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

FILE = Path(__file__).parent / "blog.sqlite"
HASH = "pbkdf2:sha256:1000"  # quick, because the cases log in often
SCHEMA = """
DROP TABLE IF EXISTS post;
DROP TABLE IF EXISTS author;
CREATE TABLE author (name TEXT PRIMARY KEY, password TEXT NOT NULL);
CREATE TABLE post (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    author TEXT NOT NULL REFERENCES author (name),
    title TEXT NOT NULL,
    body TEXT NOT NULL
);
"""


def connect():
    connection = sqlite3.connect(FILE, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return closing(connection)


def reset():
    with connect() as db:
        db.executescript(SCHEMA)


def add_author(name, password):
    hashed = generate_password_hash(password, method=HASH)
    try:
        with connect() as db:
            db.execute("INSERT INTO author VALUES (?, ?)", (name, hashed))
    except sqlite3.IntegrityError:
        return False
    return True


def is_author(name, password):
    with connect() as db:
        found = db.execute("SELECT password FROM author WHERE name = ?", (name,))
        row = found.fetchone()
    return row is not None and check_password_hash(row["password"], password)


def posts():
    with connect() as db:
        return db.execute("SELECT * FROM post ORDER BY id DESC").fetchall()


def find_post(number):
    with connect() as db:
        return db.execute("SELECT * FROM post WHERE id = ?", (number,)).fetchone()


def add_post(author, title, body):
    with connect() as db:
        values = (author, title, body)
        db.execute("INSERT INTO post (author, title, body) VALUES (?, ?, ?)", values)


def delete_post(number):
    with connect() as db:
        db.execute("DELETE FROM post WHERE id = ?", (number,))
