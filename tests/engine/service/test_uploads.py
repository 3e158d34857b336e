"""Who sends slowly, leaves, or sends what cannot be taken holds up nobody, and leaves nothing."""

import asyncio
import json
import re
import stat
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.engine_client import open_engine
from engine.protocol import (
    GROUP_HEADER,
    MAX_BODY_BYTES,
    MAX_IMAGE_BYTES,
    MAX_RESULT_BYTES,
    USER_HEADER,
    ErrorBody,
    ErrorCode,
    JobRequest,
    Places,
    QueueView,
    Refusal,
)
from engine.service import intake
from engine.service.app import PARALLEL_DECODING
from engine.service.routes import DECODING
from engine.service.uploads import USUAL_LIMITS, UploadLimits, Uploads
from tests.engine.engine_process import TOKEN, request
from tests.engine.scripted import settle
from tests.engine.service.served import Served, serve
from tests.hostile.http.mutations import BOUNDARY, multipart


def head(path: str = "/v1/jobs", length: int = 5000, more: Mapping[str, str] = {}, **headers: str) -> bytes:
    """Of an upload; names of headers with underscores."""
    told = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}",
        "Content-Length": str(length),
        **more,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    return "\r\n".join(lines).encode()


def form(wish: JobRequest, upload: dict[str, bytes]) -> bytes:
    return multipart({"request": wish.model_dump_json().encode(), **upload})


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], ErrorBody]:
    """Status, headers and body of a refusal."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    body = await reader.readexactly(int(headers["content-length"]))
    return int(lines[0].split()[1]), headers, ErrorBody.model_validate_json(body)


async def refused(served: Served, data: bytes) -> tuple[int, dict[str, str], ErrorBody]:
    reader, writer = await served.connect(data)
    try:
        return await answer_of(reader)
    finally:
        writer.close()


# --- slow ones --------------------------------------------------------------------------------------------


async def test_trickling_bodies_hold_up_nobody(tmp_path: Path, upload: dict[str, bytes]) -> None:
    async with serve(tmp_path) as served, AsyncExitStack() as stack:
        for _ in range(12):
            _, writer = await served.connect(head() + b"--" + BOUNDARY)
            stack.callback(writer.close)
        await served.until_uploads(12)
        assert (await served.client.post(request(), upload))[0] == 202
        assert served.load.uploads == 12


@pytest.mark.parametrize(
    "limits",
    [replace(USUAL_LIMITS, window_seconds=0.05), replace(USUAL_LIMITS, seconds=0.05)],
    ids=["pace", "total"],
)
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/recipe"])
async def test_who_sends_too_slowly_is_told_and_let_go(
    tmp_path: Path, limits: UploadLimits, path: str
) -> None:
    async with serve(tmp_path, limits=limits) as served:
        status, headers, error = await refused(served, head(path) + b"--")
        assert (status, error.code, headers["connection"]) == (400, ErrorCode.TOO_SLOW, "close")
        await served.until_uploads(0)
        assert served.load.bytes == 0


async def test_a_pace_that_is_kept_begins_anew(tmp_path: Path, upload: dict[str, bytes]) -> None:
    """Each piece in its time, though all of them together take longer than that."""
    limits = replace(USUAL_LIMITS, window_seconds=0.6, window_bytes=2000)
    body = form(request(), upload)
    async with serve(tmp_path, limits=limits) as served:
        reader, writer = await served.connect(head(length=len(body)))
        for start in range(0, len(body), len(body) // 5 + 1):
            writer.write(body[start : start + len(body) // 5 + 1])
            await asyncio.sleep(0.2)
        assert b"202 Accepted" in await reader.readline()
        writer.close()


async def test_so_many_uploads_at_once_and_no_more(tmp_path: Path) -> None:
    async with serve(tmp_path, limits=replace(USUAL_LIMITS, uploads=1)) as served:
        _, writer = await served.connect(head())
        await served.until_uploads(1)
        status, headers, error = await refused(served, head())
        assert (status, error.code) == (503, ErrorCode.BUSY)
        assert int(headers["retry-after"]) > 0
        writer.close()
        await served.until_uploads(0)


@pytest.mark.parametrize("announced", [True, False])
async def test_so_many_bytes_of_all_and_no_more(tmp_path: Path, announced: bool) -> None:
    async with serve(tmp_path, limits=replace(USUAL_LIMITS, bytes=6000)) as served:
        _, writer = await served.connect(head(length=5000))
        await served.until_uploads(1)
        if announced:
            data = head(length=1001)
        else:
            told = head(Transfer_Encoding="chunked").replace(b"Content-Length: 5000\r\n", b"")
            data = told + b"3e9\r\n" + bytes(1001) + b"\r\n"
        status, headers, error = await refused(served, data)
        assert (status, error.code) == (503, ErrorCode.BUSY)
        assert int(headers["retry-after"]) > 0
        writer.close()
        await served.until_uploads(0)
        assert served.load.bytes == 0


# --- said before the body ---------------------------------------------------------------------------------


async def test_a_full_queue_is_said_before_the_body(tmp_path: Path, upload: dict[str, bytes]) -> None:
    async with serve(tmp_path, jobs_total=1) as served:
        job = await served.client.submit(request(), upload, "known")
        status, headers, error = await refused(served, head())
        assert (status, error.code) == (429, ErrorCode.QUEUE_FULL)
        assert int(headers["retry-after"]) >= 60
        assert headers["connection"] == "close"
        assert (await served.client.submit(request(), upload, "known")).id == job.id


async def test_a_full_place_is_said_before_the_body_to_who_tells_whose_it_is(
    tmp_path: Path, upload: dict[str, bytes]
) -> None:
    async with serve(tmp_path) as served:
        for number in range(3):
            await served.client.submit(request(), upload, f"key-{number}")
        owner = {GROUP_HEADER: "oaks", USER_HEADER: "ann"}
        status, headers, error = await refused(served, head(more=owner))
        assert (status, error.code) == (429, ErrorCode.USER_QUEUE_FULL)
        assert int(headers["retry-after"]) > 0
        body = form(request(), upload)
        lie = {GROUP_HEADER: "oaks", USER_HEADER: "bob"}
        assert (await refused(served, head(length=len(body), more=lie) + body))[2].code is (
            ErrorCode.USER_QUEUE_FULL
        )


async def test_whoever_asks_before_they_fetch_anything_is_told_what_is_left(
    tmp_path: Path, upload: dict[str, bytes]
) -> None:
    async with serve(tmp_path, jobs_total=4) as served:
        for number in range(3):
            await served.client.submit(request(), upload, f"key-{number}")

        async def left(headers: dict[str, str]) -> QueueView:
            async with served.client.session.get("/v1/queue", headers=headers) as answer:
                assert answer.status == 200
                return QueueView.model_validate_json(await answer.read())

        whole = await left({})
        assert (whole.total, whole.group, whole.user) == (Places(taken=3, free=1), None, None)
        theirs = await left({GROUP_HEADER: "oaks", USER_HEADER: "ann"})
        assert theirs.user == Places(taken=3, free=0)
        assert theirs.group == Places(taken=3, free=9)
        others = await left({GROUP_HEADER: "elms", USER_HEADER: "bob"})
        assert (others.user, others.group) == (Places(taken=0, free=3), Places(taken=0, free=12))


async def test_whose_it_is_is_enough_for_an_answer_before_the_images(
    tmp_path: Path, upload: dict[str, bytes]
) -> None:
    body = form(request(), upload)
    begun = body[: body.index(b'name="content"')]
    async with serve(tmp_path) as served:
        for number in range(3):
            await served.client.submit(request(), upload, f"key-{number}")
        refusal = await refused(served, head(length=len(body)) + begun)
        assert refusal[2].code is ErrorCode.USER_QUEUE_FULL
        wrong = body.replace(b'"name":null', b'"what":null')[: len(begun)]
        assert (await refused(served, head(length=len(body)) + wrong))[2].code is ErrorCode.BAD_REQUEST


async def test_an_engine_that_is_not_ready_says_so_before_the_body(tmp_path: Path) -> None:
    async with serve(tmp_path, ready=False) as served:
        status, headers, error = await refused(served, head())
        assert (status, error.code, int(headers["retry-after"]) > 0) == (503, ErrorCode.NOT_READY, True)


@pytest.mark.parametrize(("path", "most"), [("/v1/jobs", MAX_BODY_BYTES), ("/v1/recipe", MAX_RESULT_BYTES)])
async def test_a_body_that_is_too_large_is_refused_unread(tmp_path: Path, path: str, most: int) -> None:
    async with serve(tmp_path) as served:
        status, _, error = await refused(served, head(path, most + 1))
        assert (status, error.code) == (413, ErrorCode.TOO_MANY_BYTES)
        assert error.facts["size"] == most + 1
        assert served.load.bytes == 0


async def test_who_sends_all_before_it_reads_still_gets_the_answer(
    tmp_path: Path, upload: dict[str, bytes]
) -> None:
    async with serve(tmp_path, jobs_total=1) as served:
        await served.client.submit(request(), upload)
        reader, writer = await served.connect(head(length=MAX_IMAGE_BYTES) + bytes(MAX_IMAGE_BYTES))
        assert (await answer_of(reader))[2].code is ErrorCode.QUEUE_FULL
        assert await reader.read() == b""
        writer.close()


async def test_the_bot_gets_the_answer_while_it_still_sends(tmp_path: Path, upload: dict[str, bytes]) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(MAX_IMAGE_BYTES))
    async with serve(tmp_path / "data", jobs_total=1) as served:
        await served.client.submit(request(), upload)
        async with open_engine(f"http://{served.host}:{served.port}", TOKEN) as engine:
            for _ in range(5):
                with pytest.raises(Refusal, match="queue_full"):
                    await engine.submit("key", request(), {"content": large, "style-1": large})


async def test_who_asks_first_need_not_send_what_is_refused(tmp_path: Path, upload: dict[str, bytes]) -> None:
    body = form(request(), upload)
    asking = head(length=len(body), Expect="100-continue", Connection="close")
    async with serve(tmp_path, jobs_total=1) as served:
        reader, writer = await served.connect(asking)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert b"202 Accepted" in await reader.read()
        assert (await refused(served, asking))[2].code is ErrorCode.QUEUE_FULL
        writer.close()


# --- who leaves -------------------------------------------------------------------------------------------


async def test_nothing_is_left_of_who_leaves_while_it_sends(tmp_path: Path) -> None:
    async with serve(tmp_path) as served:
        _, writer = await served.connect(head() + b"--")
        await served.until_uploads(1)
        writer.transport.abort()
        await served.until_uploads(0)
        assert served.load.bytes == 0


async def test_what_nobody_waits_for_is_not_painted(tmp_path: Path, upload: dict[str, bytes]) -> None:
    body = form(request(), upload)
    sent = head(length=len(body), Idempotency_Key="left") + body
    async with serve(tmp_path) as served:
        decoding = served.app[DECODING]
        while not decoding.locked():
            await decoding.acquire()
        _, writer = await served.connect(sent)

        async def has_arrived() -> bool:
            return served.load.bytes == len(body) and bool(decoding._waiters)

        await settle(has_arrived)
        writer.transport.abort()
        await served.until_uploads(0)
        for _ in range(PARALLEL_DECODING):
            decoding.release()
        assert not served.worker.runs
        assert b'atelier_jobs{state="queued"} 0' in (await served.client.fetch("/metrics"))[2]
        assert (await served.client.post(request(), upload, "left"))[0] == 202


async def test_the_same_sent_many_times_at_once_is_one_job_decoded_once(
    tmp_path: Path, upload: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []
    prepare = intake.prepare

    async def counting(sent: intake.Upload, key: str, *more: Any) -> Any:
        prepared.append(key)
        return await prepare(sent, key, *more)

    monkeypatch.setattr(intake, "prepare", counting)
    async with serve(tmp_path, jobs_total=1) as served:
        views = await asyncio.gather(*(served.client.submit(request(), upload, "same") for _ in range(50)))
        assert len({view.id for view in views}) == 1
        assert prepared == ["same"]


# --- on the disk ------------------------------------------------------------------------------------------


async def test_what_arrives_has_no_name_and_what_a_crash_left_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "upload-left").write_bytes(b"of a crash")
    async with serve(tmp_path) as served:
        _, writer = await served.connect(head() + b"--")
        await served.until_uploads(1)
        assert list(folder.iterdir()) == []
        assert modes_of_open_files(folder) == [0o600]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        writer.close()


async def test_what_is_not_ours_stays_among_the_uploads(tmp_path: Path) -> None:
    theirs, found = tmp_path / "theirs", tmp_path / "mounted" / "uploads" / "lost+found"
    theirs.mkdir(mode=0o755)
    (theirs / "precious").write_bytes(b"of somebody else")
    found.mkdir(parents=True)
    (tmp_path / "uploads").symlink_to(theirs)
    for folder in (tmp_path / "uploads", found.parent):
        Uploads(folder)
    assert (theirs / "precious").exists()
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755
    assert found.exists()


def modes_of_open_files(folder: Path) -> list[int]:
    modes = []
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # another thread has closed it
            if str(folder) in str(path.readlink()):
                modes.append(stat.S_IMODE(path.stat().st_mode))
    return modes


# --- what a form may be -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "disposition",
    [
        b'form-data; name="_charset_"',
        b'form-data; name="\xff\xfe"',
        b"form-data; name*=utf-8''%ff",
        b'form-data; name=""',
        b"form-data",
        b'attachment; name="content"',
        b"\xff",
        b'form-data; name="' + b"n" * 5000,
        b'form-data; name="content"\r\nContent-Length: 3',
        b'form-data; name="request"\r\nContent-Type: text/plain; charset=utf-77',
        b'form-data; name="a"\r\n' + b"X: y\r\n" * 500,
    ],
)
async def test_an_odd_part_is_a_bad_request(tmp_path: Path, disposition: bytes) -> None:
    body = b"--" + BOUNDARY + b"\r\nContent-Disposition: " + disposition + b"\r\n\r\nutf-8\r\n"
    body += multipart({"request": b"{}"})
    async with serve(tmp_path) as served:
        status, _, error = await refused(served, head(length=len(body)) + body)
        assert (status, error.code) == (400, ErrorCode.BAD_REQUEST)


async def test_no_more_than_forty_characters_are_repeated(tmp_path: Path, upload: dict[str, bytes]) -> None:
    raw = json.loads(request().model_dump_json())
    mark = "\N{RIGHT-TO-LEFT OVERRIDE}" + "needle" * 50
    bodies = [
        form(request(), upload | {mark: b"x"}),
        form(request(), upload | {mark: bytes(MAX_IMAGE_BYTES + 1)}),
        multipart({"request": json.dumps(raw | {mark: 1}).encode(), **upload}),
        multipart({"request": json.dumps(raw | {"styles": [{mark: 1}]}).encode(), **upload}),
    ]
    async with serve(tmp_path) as served:
        heads = [head(length=len(body)) for body in bodies] + [
            head(length=0).replace(b"multipart/form-data", mark[1:].encode())
        ]
        for sent in [start + body for start, body in zip(heads, [*bodies, b""], strict=True)]:
            error = (await refused(served, sent))[2]
            told = max(re.findall(r"[nedl?]*", error.message), key=len)
            assert (error.code, len(told) <= 40) == (ErrorCode.BAD_REQUEST, True), error.message
            assert error.message.isprintable()
