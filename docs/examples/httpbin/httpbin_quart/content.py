"""Pages, and documents in several formats."""

from quart import Blueprint, Response, jsonify, render_template

bp = Blueprint("content", __name__)
GARDEN = {"garden": {"title": "Herbs", "beds": [{"name": "Mint", "plants": 3}]}}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<garden title="Herbs"><bed plants="3">Mint</bed></garden>
"""
ROBOTS = "User-agent: *\nDisallow: /deny\n"


@bp.get("/")
@bp.get("/legacy")
async def index():
    return await render_template("index.html")


@bp.get("/forms/post")
async def form():
    return await render_template("form.html")


@bp.get("/html")
async def as_html():
    return await render_template("page.html")


@bp.get("/encoding/utf8")
async def as_utf8():
    return await render_template("utf8.html")


@bp.get("/json")
async def as_json():
    return jsonify(GARDEN)


@bp.get("/xml")
async def as_xml():
    return Response(XML, mimetype="application/xml")


@bp.get("/robots.txt")
async def robots():
    return Response(ROBOTS, mimetype="text/plain")


@bp.get("/deny")
async def deny():
    return Response("You should not be here.\n", mimetype="text/plain")
