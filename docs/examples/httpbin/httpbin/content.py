"""Pages, and documents in several formats."""

from flask import Blueprint, Response, jsonify, render_template

bp = Blueprint("content", __name__)
GARDEN = {"garden": {"title": "Herbs", "beds": [{"name": "Mint", "plants": 3}]}}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<garden title="Herbs"><bed plants="3">Mint</bed></garden>
"""
ROBOTS = "User-agent: *\nDisallow: /deny\n"


@bp.get("/")
@bp.get("/legacy")
def index():
    return render_template("index.html")


@bp.get("/forms/post")
def form():
    return render_template("form.html")


@bp.get("/html")
def as_html():
    return render_template("page.html")


@bp.get("/encoding/utf8")
def as_utf8():
    return render_template("utf8.html")


@bp.get("/json")
def as_json():
    return jsonify(GARDEN)


@bp.get("/xml")
def as_xml():
    return Response(XML, mimetype="application/xml")


@bp.get("/robots.txt")
def robots():
    return Response(ROBOTS, mimetype="text/plain")


@bp.get("/deny")
def deny():
    return Response("You should not be here.\n", mimetype="text/plain")
