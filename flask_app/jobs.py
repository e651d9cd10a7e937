"""A small resource that uses status codes as HTTP defines them.

A client posts a job under a name it chooses, and looks for it at ``/jobs/<name>``.
A worker puts the result there. ``app.extensions["jobs"]`` has all jobs, so each app
starts without any.
"""

from collections import Counter
from dataclasses import dataclass, field

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

blueprint = Blueprint("jobs", __name__)

QUOTA = 2
PLAIN_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


@dataclass
class Job:
    """A job; revision 0 means that it has no result."""

    name: str
    result: str | bytes = ""
    revision: int = 0

    @property
    def state(self) -> str:
        """The state in a word."""
        return "done" if self.revision else "accepted"

    @property
    def etag(self) -> str:
        """The entity tag of the result, quoted as it stands in a header."""
        return f'"{self.revision}"'


@dataclass
class Jobs:
    """All jobs by name, and how many of them each client has posted."""

    by_name: dict[str, Job] = field(default_factory=dict)
    posted: Counter[str] = field(default_factory=Counter)


def init_app(app: Flask) -> None:
    """Give the app an empty collection of jobs."""
    app.extensions["jobs"] = Jobs()


def all_jobs() -> Jobs:
    """Return the jobs of the app that answers this request."""
    jobs: Jobs = current_app.extensions["jobs"]
    return jobs


def find(name: str) -> Job:
    """Return a job, or answer 404."""
    return all_jobs().by_name.get(name) or abort(404, f"There is no job {name!r}.")


def requested_name() -> str:
    """Return the name in the request's JSON, or answer 400, 415 or 422."""
    if not request.is_json:
        abort(415, "A job is ordered in JSON.")
    order = request.get_json()
    name = order.get("name") if isinstance(order, dict) else None
    if not isinstance(name, str) or not name:
        abort(422, "A job needs a name.")
    return name


@blueprint.errorhandler(HTTPException)
def problem(error: HTTPException) -> ResponseReturnValue:
    """Answer each abort below in JSON."""
    return jsonify(error=error.description), error.code or 500


@blueprint.get("/jobs")
def show_all() -> ResponseReturnValue:
    """All names, in the order they were posted."""
    return list(all_jobs().by_name)


@blueprint.post("/jobs")
def post() -> ResponseReturnValue:
    """202 and where to look for it; 409 for a name taken; 429 beyond the quota."""
    name = requested_name()
    jobs, client = all_jobs(), request.headers.get("X-Client", "")
    if name in jobs.by_name:
        abort(409, f"There is a job {name!r} already.")
    if client and jobs.posted[client] >= QUOTA:
        return jsonify(error="Too many jobs."), 429, {"Retry-After": "60"}
    jobs.posted[client] += 1
    jobs.by_name[name] = Job(name)
    location = url_for(".show", name=name)
    return jsonify(name=name, state="accepted"), 202, {"Location": location}


@blueprint.get("/jobs/<name>")
def show(name: str) -> ResponseReturnValue:
    """200 while the job waits, 303 to the result once there is one."""
    job = find(name)
    if job.revision:
        return redirect(url_for(".show_result", name=name), 303)
    return jsonify(name=name, state=job.state)


@blueprint.delete("/jobs/<name>")
def delete(name: str) -> ResponseReturnValue:
    """204 for a deleted job."""
    del all_jobs().by_name[find(name).name]
    return "", 204


@blueprint.get("/jobs/<name>/result")
def show_result(name: str) -> ResponseReturnValue:
    """The result with its entity tag; 304 for a client that has it already."""
    job = find(name)
    if not job.revision:
        abort(404, f"The job {name!r} has no result yet.")
    response = Response(job.result, headers=PLAIN_TEXT | {"ETag": job.etag})
    return response.make_conditional(request)


@blueprint.put("/jobs/<name>/result")
def put_result(name: str) -> ResponseReturnValue:
    """201 for the first result; a later one must say which it replaces."""
    job = find(name)
    if job.revision and not request.if_match:
        abort(428, "Say in If-Match which result you replace.")
    if job.revision and not request.if_match.contains(str(job.revision)):
        abort(412, f"The result is at revision {job.revision}.")
    job.result = request.get_data()
    job.revision += 1
    headers = {"ETag": job.etag}
    if job.revision > 1:
        return "", 204, headers
    location = url_for(".show_result", name=name)
    return jsonify(name=name, state=job.state), 201, headers | {"Location": location}
