"""Whatever is asked, and however: an answer that is an ErrorBody with the headers of its status, or a closed connection."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import aiohttp
import pytest
from aiohttp import web

from engine.images import decoding
from engine.protocol import Cancelled, ErrorBody, ErrorCode, Finished
from engine.service.connection import Connection
from tests.engine.engine_process import TOKEN, request
from tests.engine.scripted import result
from tests.engine.service.served import Served, hang_up, serve

TOKEN_LINE = f"Authorization: Bearer {TOKEN}\r\n".encode()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path) as served:
        yield served


def asked(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """A request of this line, with the token, that is the last on its connection."""
    head = b"".join(header + b"\r\n" for header in (*headers, b"Connection: close"))
    return line + b"\r\nHost: 127.0.0.1\r\n" + TOKEN_LINE + head + b"\r\n" + body


def taken_apart(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the only answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert int(headers["content-length"]) == len(body)
    return int(status.split()[1]), headers, body


async def refusal(served: Served, data: bytes) -> tuple[int, dict[str, str], ErrorBody]:
    answer = await served.raw(data)
    assert TOKEN.encode() not in answer
    status, headers, body = taken_apart(answer)
    assert headers["content-type"].startswith("application/json")
    return status, headers, ErrorBody.model_validate_json(body)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (asked(b"GET /nothing HTTP/1.1"), 404),
        (asked(b"GET /v1/jobs/none HTTP/1.1"), 404),
        (asked(b"GET /v1/jobs/\xff\xfe HTTP/1.1"), 400),
        (asked(b"GET /v1/jobs/%ff%fe HTTP/1.1"), 404),
        (asked(b"GET /v1/jobs/%00 HTTP/1.1"), 404),
        (asked(b"GET /v1/jobs/../../etc/passwd HTTP/1.1"), 404),
        (asked(b"GET /v1/styles/..%2f..%2fconfig/image HTTP/1.1"), 404),
        (asked(b"GET http://other.example/nothing HTTP/1.1"), 404),
        (asked(b"GET http://127.0.0.1:abc/ HTTP/1.1"), 400),
        (asked(b"OPTIONS * HTTP/1.1"), 404),
        (asked(b"CONNECT 127.0.0.1:80 HTTP/1.1"), 404),
        (asked(b"BREW /v1/styles HTTP/1.1"), 400),
        (asked(b"GET /v1/styles HTTP/1.1", b"Expect: the worst"), 417),
        (asked(b"GET /v1/styles HTTP/2.0"), 400),
        (asked(b"GET /v1/styles HTTP/1.1", b"X: a\0b"), 400),
        (asked(b"GET /v1/styles HTTP/1.1", b"no colon"), 400),
        (asked(b"GET /v1/styles HTTP/1.1", b"X: " + b"x" * 9000), 400),
        (asked(b"GET /v1/styles HTTP/1.1", *[b"X: y"] * 200), 400),
        (asked(b"GET /v1/styles HTTP/1.1", b"Content-Length: 1", b"Content-Length: 2"), 400),
        (asked(b"GET /v1/styles HTTP/1.1", b"Content-Length: -1"), 400),
        (asked(b"GET /v1/styles HTTP/1.1", b"Content-Length: 1", b"Transfer-Encoding: chunked"), 400),
        (asked(b"GET /v1/" + b"x" * 9000 + b" HTTP/1.1"), 400),
        (asked(b"POST /v1/jobs HTTP/1.1", b"Idempotency-Key: \xff\xfe"), 400),
        (asked(b"POST /v1/jobs HTTP/1.1", b"Idempotency-Key: " + b"k" * 201), 400),
        (asked(b"POST /v1/jobs HTTP/1.1", b"Content-Type: \xff\xfe"), 400),
        (asked(b"POST /v1/jobs HTTP/1.1", b"Content-Type: multipart/mixed; boundary=b"), 400),
        (asked(b"POST /v1/jobs HTTP/1.1", b"Content-Type: multipart/form-data; boundary=\xff"), 400),
        (asked(b"POST /v1/recipe HTTP/1.1", b"Content-Encoding: gzip", b"Content-Length: 0"), 400),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03 no HTTP at all\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nAuthorization\0: Bearer " + TOKEN.encode() + b"\r\n\r\n", 400),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_one_form(
    served: Served, data: bytes, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert (await refusal(served, data))[0] == status
    assert TOKEN not in "".join(capfd.readouterr())


async def test_who_is_not_known_is_told_how_to_be(served: Served) -> None:
    for line in (b"", b"Authorization: Bearer wrong\r\n", b"Authorization: \xff\xfe\r\n"):
        status, headers, error = await refusal(
            served, b"GET /v1/styles HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + line + b"\r\n"
        )
        assert (status, error.code) == (401, ErrorCode.BAD_TOKEN)
        assert headers["www-authenticate"].startswith("Bearer ")


async def test_a_wrong_method_is_told_the_right_ones(served: Served) -> None:
    status, headers, _ = await refusal(served, asked(b"DELETE /v1/styles HTTP/1.1"))
    assert (status, sorted(headers["allow"].split(","))) == (405, ["GET", "HEAD"])
    job = "0" * 32
    status, headers, _ = await refusal(served, asked(f"POST /v1/jobs/{job}/events HTTP/1.1".encode()))
    assert (status, headers["allow"]) == (405, "GET")


async def test_a_job_that_is_taken_in_says_where_it_is(served: Served, upload: dict[str, bytes]) -> None:
    form = aiohttp.FormData({"request": request().model_dump_json()})
    for name, data in upload.items():
        form.add_field(name, data, filename=name)
    async with served.client.session.post("/v1/jobs", data=form) as answer:
        assert answer.status == 202
        where = answer.headers["Location"]
    assert (await served.client.fetch(where))[0] == 200


async def test_a_lack_of_memory_is_no_fault_of_the_request(
    served: Served, upload: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_shape: list[int]) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(decoding, "_empty", none)
    status, body = await served.client.refused(request(), upload)
    assert (status, body.code) == (503, ErrorCode.BUSY)


async def test_requests_on_one_connection_are_answered_in_their_order(served: Served) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answers = await served.raw(first * 40 + asked(b"GET /nothing HTTP/1.1"))
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200"] * 40 + [b"404"]
    assert (await served.raw(b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.0 200 OK")


# --- without a token --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "host", "origin", "status"),
    [
        ("GET /v1/styles", "127.0.0.1", None, 200),
        ("GET /v1/styles", "localhost:1", None, 200),
        ("GET /v1/styles", "[::1]:8787", None, 200),
        ("GET /v1/styles", "127.0.0.1:8787", "http://127.0.0.1:8787", 200),
        ("GET http://127.0.0.1/v1/styles", "127.0.0.1", None, 200),
        ("GET /v1/styles", "127.0.0.1:8787", "http://127.0.0.1:80", 401),
        ("GET /v1/styles", "127.0.0.1", "null", 401),
        ("GET /v1/styles", "rebound.example", None, 401),
        ("GET /v1/styles", "127.0.0.1.rebound.example", None, 401),
        ("GET http://127.0.0.1/v1/styles", "rebound.example", None, 401),
        ("GET http://rebound.example/v1/styles", "127.0.0.1", None, 401),
        ("GET /v1/styles", "127.0.0.1:abc", None, 401),
        ("GET /v1/styles", "127.0.0.1:99999999", None, 401),
        ("GET /v1/styles", "[::1", None, 401),
        ("GET /v1/styles", "a@127.0.0.1:x", None, 401),
        ("GET /v1/styles", "", None, 401),
        ("GET /v1/styles", "\N{SNOWMAN}", None, 401),
    ],
)
async def test_without_a_token_only_this_machine_itself_is_answered(
    tmp_path: Path, line: str, host: str, origin: str | None, status: int
) -> None:
    told = f"Origin: {origin}\r\n" if origin else ""
    data = f"{line} HTTP/1.1\r\nHost: {host}\r\n{told}Connection: close\r\n\r\n"
    async with serve(tmp_path, token=None) as served:
        answer = await served.raw(data.encode())
        assert taken_apart(answer)[0] == status
        if status != 200:
            ErrorBody.model_validate_json(taken_apart(answer)[2])


# --- files ------------------------------------------------------------------------------------------------

STUDY = b"GET /v1/styles/great_wave/image HTTP/1.1"


async def test_a_part_of_a_file_can_be_had(served: Served) -> None:
    status, headers, whole = taken_apart(await served.raw(asked(STUDY)))
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    tag = headers["etag"].encode()
    for asked_for, start, stop in (
        (b"3-9", 3, 10),
        (b"-5", len(whole) - 5, len(whole)),
        (b"0-", 0, len(whole)),
    ):
        data = asked(STUDY, b"Range: bytes=" + asked_for, b"If-Range: " + headers["last-modified"].encode())
        status, about, body = taken_apart(await served.raw(data))
        assert body == whole[start:stop]
        assert status == (200 if len(body) == len(whole) else 206)
        if status == 206:
            assert about["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    old = b"If-Range: Sat, 01 Jan 2000 00:00:00 GMT"
    assert taken_apart(await served.raw(asked(STUDY, b"Range: bytes=3-9", old)))[2] == whole
    assert (await served.raw(asked(STUDY, b"If-None-Match: " + tag))).startswith(b"HTTP/1.1 304 ")
    assert (await served.raw(asked(STUDY.replace(b"GET", b"HEAD")))).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b'If-Match: "another"', 412),
        (b"If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 412),
        (b"Range: bytes=99999999-", 416),
        (b"Range: bytes=9-3", 416),
        (b"Range: bytes=-", 416),
        (b"Range: lines=1-2", 416),
    ],
)
async def test_what_a_file_does_not_have_is_refused(served: Served, header: bytes, status: int) -> None:
    told, headers, error = await refusal(served, asked(STUDY, header))
    assert (told, error.code) == (status, ErrorCode.BAD_REQUEST)
    assert status != 416 or re.fullmatch(r"bytes \*/\d+", headers["content-range"])


# --- streams ----------------------------------------------------------------------------------------------

ODD_IDS = ["", "-1", "0", "7", "no number", "9" * 17, "9" * 400, "\N{SNOWMAN}", "1e3", "٣"]


@pytest.mark.parametrize("last", ODD_IDS)
@pytest.mark.parametrize("over", [True, False], ids=["over", "going on"])
async def test_a_stream_ends_with_the_end_whatever_its_reader_has_seen(
    served: Served, upload: dict[str, bytes], last: str, over: bool
) -> None:
    job = (await served.client.submit(request(), upload)).id
    line = f"GET /v1/jobs/{job}/events HTTP/1.1".encode()
    reader, writer = None, None
    if not over:
        reader, writer = await served.connect(asked(line, b"Last-Event-ID: " + last.encode()))
        assert b"200 OK" in await reader.readline()
    served.worker.say(result())
    events = [envelope async for envelope in served.client.events(job)]
    assert isinstance(events[-1].event, Finished)
    if reader is None or writer is None:
        told = await served.raw(asked(line, b"Last-Event-ID: " + last.encode()))
    else:
        told = await reader.read()
        writer.close()
    assert b"event: finished" in told


async def test_a_stream_with_nothing_to_tell_says_that_it_is_there_and_misses_nothing_after(
    served: Served, upload: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.service.routes.KEEP_ALIVE_SECONDS", 0.01)
    job = (await served.client.submit(request(), upload)).id
    reader, _ = await served.connect(asked(f"GET /v1/jobs/{job}/events HTTP/1.1".encode()))
    for _ in range(3):
        await reader.readuntil(b": still here\n\n")
    served.worker.say(result())
    assert b"event: finished" in await reader.read()


async def test_the_id_of_another_job_or_of_this_ones_end_tells_the_end(
    served: Served, upload: dict[str, bytes]
) -> None:
    jobs = [(await served.client.submit(request(user), upload)).id for user in ("ann", "bob")]
    ends = []
    for job in jobs:
        await served.client.order(job, "cancel")
        ends.append([envelope async for envelope in served.client.events(job)][-1])
    for last in ends:
        for job in jobs:
            told = [envelope.event async for envelope in served.client.events(job, after=last.id)]
            assert told == [Cancelled()]


async def flood(http_request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(http_request)
    while True:
        await response.write(bytes(2**20))


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", {"stall_seconds": 0.05}),
        (b"GET / HTTP/1.1\r\nHo", {"idle_seconds": 0.05}),
        (b"", {"idle_seconds": 0.05}),
    ],
    ids=["reads nothing", "stops in the head", "says nothing"],
)
async def test_who_does_nothing_is_let_go(sent: bytes, seconds: dict[str, float]) -> None:
    lost = asyncio.Event()

    class Watched(Connection):
        def connection_lost(self, exc: BaseException | None) -> None:
            super().connection_lost(exc)
            lost.set()

    app = web.Application()
    app.add_routes([web.get("/", flood)])
    runner = web.AppRunner(app)
    await runner.setup()
    server = runner.server
    assert server is not None
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Watched(server, most=10, **seconds), "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**10)
    writer.write(sent)
    async with asyncio.timeout(60):
        await lost.wait()
    await hang_up(writer)
    listener.close()
    await runner.cleanup()


async def test_there_are_only_so_many_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.service.app.most_connections", lambda _jobs: 3)
    async with serve(tmp_path) as served:
        open_ones = [await served.connect(b"") for _ in range(3)]
        status, headers, error = await refusal(served, b"")
        assert (status, error.code) == (503, ErrorCode.BUSY)
        assert int(headers["retry-after"]) > 0
        for _, writer in open_ones:
            writer.close()
