"""One connection: what is sent as it is, and all that comes back, taken apart."""

import asyncio
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from pydantic import ValidationError

from engine.protocol import ErrorBody

QUIET_SECONDS = 0.4  # without a byte, after which a client has said all that it will say
END_SECONDS = 20.0  # for a client that has said so
TOLD = frozenset({503, 507})  # documented, and no fault of the engine
SOME_TOKEN = 12  # characters of the token that are a leak
_HEAD = re.compile(rb"HTTP/\d\.\d (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")


@dataclass(frozen=True)
class Answer:
    """One answer; proper: a refusal is an ErrorBody, and has the headers that its status needs."""

    status: int
    proper: bool


@dataclass(frozen=True)
class Exchange:
    """What came of a request; ending: why there was no answer, or "" if there was one. data: all that came."""

    answers: tuple[Answer, ...]
    ending: str
    data: bytes

    def holds(self, secret: str) -> bool:
        """Whether some of a secret came back."""
        return leaks(secret, self.data.decode("utf-8", "replace"))


def leaks(secret: str, text: str) -> bool:
    """Whether a text holds a good part of a secret."""
    return any(secret[at : at + SOME_TOKEN] in text for at in range(len(secret) - SOME_TOKEN + 1))


async def exchange(host: str, port: int, request: bytes) -> Exchange:
    """Send, wait for the answer, and hang up."""
    reader, writer = await asyncio.open_connection(host, port)
    received, ending = bytearray(), "closed by the engine"
    try:
        sending = asyncio.create_task(_send(writer, request), name="sending")
        ended = time.monotonic() + END_SECONDS
        while True:
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    chunk = await reader.read(2**16)
            except TimeoutError:
                if sending.done() or time.monotonic() > ended:
                    ending = "the engine waited for the rest"
                    break
                continue
            if not chunk:
                break
            received += chunk
        if ending != "closed by the engine" and not await _ends(reader, writer, received):
            ending = "HELD: not closed when the client had ended"
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    except ConnectionError:
        ending = "reset by the engine"
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    found = tuple(_answers(bytes(received), head=request.startswith(b"HEAD ")))
    return Exchange(found, "" if found else ending, bytes(received))


async def _send(writer: asyncio.StreamWriter, request: bytes) -> None:
    with suppress(ConnectionError):
        writer.write(request)
        await writer.drain()


async def _ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, received: bytearray) -> bool:
    """Whether the engine closes once the client has."""
    with suppress(OSError):
        writer.write_eof()
    try:
        async with asyncio.timeout(END_SECONDS):
            received += await reader.read()
    except TimeoutError:
        return False
    return True


# --- what came back ---------------------------------------------------------------------------------------


def _answers(data: bytes, *, head: bool) -> list[Answer]:
    """All answers of a connection; a stream that was cut off is one too. head: they have no bodies."""
    found: list[Answer] = []
    while data:
        match = _HEAD.match(data)
        if match is None:
            return [*found, Answer(0, proper=False)]
        status, headers = int(match[1]), _headers(match[2])
        body, data = _body(headers, data[match.end() :], bare=head or status in (204, 304) or status < 200)
        if status >= 200:
            found.append(Answer(status, _is_proper(status, headers, None if head else body)))
    return found


def _headers(lines: bytes) -> dict[str, str]:
    pairs = (line.decode("latin-1").partition(":") for line in lines.split(b"\r\n") if line)
    return {name.lower(): value.strip() for name, _, value in pairs}


def _body(headers: Mapping[str, str], data: bytes, *, bare: bool) -> tuple[bytes, bytes]:
    """The body of an answer, and what comes after it."""
    if bare and (not data or data.startswith(b"HTTP/")):
        return b"", data
    if headers.get("transfer-encoding") == "chunked":
        _, end, rest = data.partition(b"0\r\n\r\n")
        return b"", rest if end else b""
    length = int(headers.get("content-length", len(data)))
    return data[:length], data[length:]


def _is_proper(status: int, headers: Mapping[str, str], body: bytes | None) -> bool:
    if status < 400:
        return True
    wanted = {
        401: "www-authenticate",
        405: "allow",
        416: "content-range",
        429: "retry-after",
        503: "retry-after",
    }
    if status in wanted and wanted[status] not in headers:
        return False
    try:
        return body is None or bool(ErrorBody.model_validate_json(body))
    except ValidationError:
        return False
