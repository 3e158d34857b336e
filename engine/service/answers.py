"""What an HTTP answer looks like: a model as JSON, and a refusal with the headers that go with its status.

Rule: every answer that is not 2xx or 3xx is made here, whoever refuses: a handler, the router, or aiohttp before any of
them. None repeats more than a few characters of what a client has sent.
"""

from collections.abc import Mapping

from aiohttp import hdrs, web
from pydantic import BaseModel

from engine.protocol import ErrorCode, Refusal
from engine.words import body_of

# Until it is worth to ask again, where the refusal itself does not tell.
RETRY_SECONDS: Mapping[ErrorCode, int] = {
    ErrorCode.NOT_READY: 5,
    ErrorCode.USER_QUEUE_FULL: 60,
    ErrorCode.GROUP_QUEUE_FULL: 60,
    ErrorCode.STORAGE_FULL: 60,
    ErrorCode.DRAINING: 60,
}


def to_json(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer with a model."""
    return web.Response(
        text=model.model_dump_json(), status=status, content_type="application/json", headers=headers
    )


def refusal_answer(
    refusal: Refusal, status: int | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with an ErrorBody; status: another one than the code's own."""
    return to_json(body_of(refusal), status or refusal.status, {**_headers_of(refusal), **(headers or {})})


def http_refusal_answer(error: web.HTTPException) -> web.Response:
    """Answer with an ErrorBody what aiohttp refuses: no such page, a wrong method, an expectation."""
    if error.status == web.HTTPNotFound.status_code:
        return refusal_answer(Refusal(ErrorCode.NOT_FOUND))
    kept: dict[str, str] = {name: error.headers[name] for name in (hdrs.ALLOW,) if name in error.headers}
    return refusal_answer(bad_request(error.reason.lower()), error.status, kept)


def bad_request(detail: str) -> Refusal:
    """The refusal of a request for what it is; detail: English for developers, see `protocol.shown`."""
    return Refusal(ErrorCode.BAD_REQUEST, detail=detail)


def _headers_of(refusal: Refusal) -> dict[str, str]:
    match refusal.code:
        case ErrorCode.BAD_TOKEN:
            return {hdrs.WWW_AUTHENTICATE: 'Bearer realm="atelier"'}
        case ErrorCode.QUEUE_FULL:
            return {hdrs.RETRY_AFTER: str(max(60 * int(refusal.facts["minutes"]), 60))}
        case ErrorCode.BUSY:
            return {hdrs.RETRY_AFTER: str(refusal.facts["seconds"])}
        case code if code in RETRY_SECONDS:
            return {hdrs.RETRY_AFTER: str(RETRY_SECONDS[code])}
    return {}
