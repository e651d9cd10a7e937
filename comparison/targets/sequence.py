"""The requests of one case on one target: they share cookies and captured values."""

from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import msgspec

from comparison.models import Case, Exchange, Failure, Request, Response
from comparison.models.captures import captured_from, filled_request

from .cookies import send_cookies, store_cookies
from .http import sent
from .redirects import redirected

if TYPE_CHECKING:
    from .session import Session


class Numbered(NamedTuple):
    """A setup request, its number from 1, and what we send for it."""

    number: int
    request: Request
    outgoing: httpx.Request


class SetupRequests:
    """Sends the setup requests of a case in order, those in flight at once together.

    `together` are the last ones if they are in flight with the case's own request.
    """

    def __init__(self, session: "Session", to: Any, case: Case) -> None:
        self.session = session
        self.to = to
        self.case = case
        self.cookies = httpx.Cookies()
        self.values: dict[str, Any] = {}
        self.together: list[Numbered] = []

    def send(self, own: httpx.Request) -> httpx.Request:
        """Send the setup requests; return the case's own request.

        That request gets the cookies and captured values. Raises Uncaptured if a value is
        missing, and NoRedirect if the response before is not a redirect.
        """
        before = self.case.request
        for number, request in enumerate(self.case.setup, 1):
            before = self._filled(request, before)
            outgoing = self.session.prepared(before)
            send_cookies(outgoing, self.cookies)
            self.together.append(Numbered(number, request, outgoing))
            if request.client is None or not request.client.concurrent:
                self._send_waiting()
        if self.case.captures or self.case.request.follow:
            own = self.session.prepared(self._filled(self.case.request, before))
        send_cookies(own, self.cookies)
        return own

    def send_with(self, own: httpx.Request) -> tuple[Response | None, Failure | None]:
        """Send the case's own request and those that are in flight with it."""
        outgoing = [*(each.outgoing for each in self.together), own]
        *received, (answer, trace) = self.session.send_together(self.to, outgoing)
        for each, (earlier, of_it) in zip(self.together, received, strict=True):
            self.session.trace = of_it
            self._note(each, *earlier)
        self.session.trace = trace
        return answer

    def _filled(self, request: Request, before: Request) -> Request:
        """Insert captured values, or follow the redirect of the request before."""
        filled = filled_request(request, self.values) if self.case.captures else request
        if not filled.follow:
            return filled
        session = self.session
        return redirected(filled, before, session.setup, session.full_prefix)

    def _send_waiting(self) -> None:
        waiting, self.together = self.together, []
        if len(waiting) == 1:
            self.session.renew_trace()
            outgoing, answer, challenge = self.session.answer(
                self.to, waiting[0].outgoing
            )
            if challenge is not None and challenge.response is not None:
                store_cookies(outgoing, challenge.response, self.cookies)
            self._note(waiting[0]._replace(outgoing=outgoing), *answer, challenge)
            return
        received = self.session.send_together(
            self.to, [each.outgoing for each in waiting]
        )
        for each, (answer, trace) in zip(waiting, received, strict=True):
            self.session.trace = trace
            self._note(each, *answer)

    def _note(
        self,
        each: Numbered,
        response: Response | None,
        failure: Failure | None,
        challenge: Exchange | None = None,
    ) -> None:
        """Add the exchange of a setup request to the session."""
        if response is not None:
            store_cookies(each.outgoing, response, self.cookies)
        exchange = Exchange(sent(each.outgoing), response, failure, challenge=challenge)
        self.session.setup.append(exchange)
        self.session.setup_traces.append(self.session.trace.finish())
        if each.request.capture:
            found = captured_from(each.number, each.request, exchange)
            self.session.setup[-1] = msgspec.structs.replace(exchange, captured=found)
            self.values.update(found)
