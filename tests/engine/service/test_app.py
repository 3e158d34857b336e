"""The wire, spoken to a real engine process: what it takes, refuses and tells, and that no end of a process loses a job.

Its worker sketches; what the network paints is in `test_paintings`.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import aclosing
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from PIL import Image

from engine import images
from engine.protocol import (
    MAX_IMAGE_BYTES,
    MAX_RESULT_BYTES,
    Cancelled,
    ErrorBody,
    ErrorCode,
    EventEnvelope,
    Finished,
    ImageFormat,
    JobRequest,
    JobState,
    Preview,
    RecipeName,
    Start,
    Started,
    StyleChoice,
)
from engine.service.config import RECIPE_LIMITS, TOKEN_VARIABLE
from tests.engine.conftest import PAUSE
from tests.engine.engine_process import LONGEST_WAIT, TOKEN, Client, EngineProcess, request, talk, until_gone
from tests.engine.sketch import HANGING, WORKER, WORKER_VARIABLE
from tests.engine.sketch.worker import PAUSE_VARIABLE

pytestmark = pytest.mark.integration

Upload = dict[str, bytes]
LONG: dict[str, Any] = {
    "recipe": RecipeName.TUTORIAL,
    "size": 128,
    "evaluations": None,
}  # a thousand evaluations


def sketching(folder: Path, name: str = "engine", worker: str = WORKER, **settings: Any) -> EngineProcess:
    """One of a test's own; its worker may be another."""
    environment = {PAUSE_VARIABLE: PAUSE, WORKER_VARIABLE: worker}
    return EngineProcess(
        folder / "data", name, program="tests.engine.sketch", environment=environment, **settings
    )


async def first_frame(client: Client, job: str) -> tuple[EventEnvelope, Preview]:
    async with aclosing(client.events(job)) as events:
        async for envelope in events:
            if isinstance(envelope.event, Preview):
                return envelope, envelope.event
    raise AssertionError("the job ended without a frame")


async def code_of(client: Client, path: str) -> tuple[int, ErrorCode]:
    status, _, body = await client.fetch(path)
    return status, ErrorBody.model_validate_json(body).code


async def test_more_work_than_a_recipe_is_allowed_is_refused(client: Client, upload: Upload) -> None:
    wish = request(group="work", recipe=RecipeName.TUTORIAL, size=4096, evaluations=None)
    status, error = await client.refused(wish, upload)
    assert (status, error.facts["recipe"]) == (422, "tutorial")
    assert int(error.facts["size"]) <= RECIPE_LIMITS[RecipeName.TUTORIAL].max_size
    assert "choose a size of" in error.message


# --- a picture's way --------------------------------------------------------------------------------------


async def test_a_picture_that_was_not_painted_here_has_no_provenance(client: Client, upload: Upload) -> None:
    for data in (upload["content"], b"hello", b"", broken()):
        async with client.session.post("/v1/recipe", data=data) as answer:
            error = ErrorBody.model_validate_json(await answer.read())
            assert (answer.status, error.code) == (422, ErrorCode.NO_RECIPE)


async def test_frames_can_be_fetched_and_a_stream_resumed(client: Client, upload: Upload) -> None:
    job = await client.submit(request(group="frames", **LONG), upload)
    envelope, frame = await first_frame(client, job.id)
    status, content_type, body = await client.fetch(f"/v1/jobs/{job.id}/previews/{frame.n}")
    assert (status, content_type) == (200, "image/jpeg")
    assert images.decode(body, "content").width == 128
    assert 0 < frame.progress < 1

    status, _, body = await client.fetch(f"/v1/jobs/{job.id}/result")
    assert (status, ErrorBody.model_validate_json(body).code) == (409, ErrorCode.NOT_PAINTED_YET)
    await client.order(job.id, "finish")
    later = [event async for event in client.events(job.id, after=envelope.id)]
    assert all(event.id > envelope.id for event in later)
    assert isinstance(later[-1].event, Finished)
    assert later[-1].event.stopped_early
    assert (await client.fetch(f"/v1/jobs/{job.id}/previews/{frame.n}"))[0] == 404
    again = [event.event async for event in client.events(job.id, after=later[-1].id + 10**9)]
    assert again == [later[-1].event]


async def test_there_is_nothing_to_fetch_before_the_end_and_none_of_what_was_cancelled(
    client: Client, upload: Upload
) -> None:
    job = await client.submit(request(group="unfinished", **LONG), upload)
    paths = [f"/v1/jobs/{job.id}/{name}" for name in ("result", "timelapse", "moments/1")]
    for path in paths:
        assert await code_of(client, path) == (409, ErrorCode.NOT_PAINTED_YET)
    await client.order(job.id, "cancel")
    for path in paths:
        assert await code_of(client, path) == (404, ErrorCode.NOT_FOUND)
        assert await code_of(client, path.replace(job.id, "none")) == (404, ErrorCode.NOT_FOUND)


async def test_cancel_running_and_waiting(client: Client, upload: Upload) -> None:
    running = await client.submit(request(group="cancel", **LONG), upload)
    await first_frame(client, running.id)
    waiting = await client.submit(request(group="cancel", **LONG), upload)
    assert waiting.position == 1
    assert waiting.eta_seconds is not None
    assert waiting.eta_seconds > waiting.plan.seconds
    assert (await client.order(waiting.id, "finish")).state is JobState.CANCELLED
    assert (await client.order(running.id, "cancel")).state is JobState.CANCELLED
    assert (await client.order(running.id, "cancel")).state is JobState.CANCELLED
    for job in (waiting, running):
        events = [envelope.event async for envelope in client.events(job.id)]
        assert events == [Cancelled()]
        assert (await client.fetch(f"/v1/jobs/{job.id}/result"))[0] == 404
    after = await client.submit(request(group="cancel"), upload)
    await client.painted(after.id)


async def test_the_same_key_is_the_same_job(client: Client, upload: Upload) -> None:
    wish = request(group="key")
    views = await asyncio.gather(*(client.submit(wish, upload, "key-1") for _ in range(50)))
    assert len({view.id for view in views}) == 1
    status, error = await client.refused(wish.model_copy(update={"seed": 9}), upload, "key-1")
    assert (status, error.code) == (409, ErrorCode.KEY_REUSED)
    await client.painted(views[0].id)
    assert (await client.submit(wish, upload, "key-1")).state is JobState.FINISHED


# --- refusals ---------------------------------------------------------------------------------------------


async def test_a_photo_larger_than_a_megabyte_is_taken(client: Client, upload: Upload) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1100, 1100, 3), np.uint8)
    content = images.encode(images.Picture(noise), ImageFormat.PNG)
    assert 2**20 < len(content) < MAX_IMAGE_BYTES
    job = await client.submit(request(group="large"), upload | {"content": content})
    await client.painted(job.id)


async def test_too_many_bytes_are_refused_with_their_number(client: Client, upload: Upload) -> None:
    status, error = await client.refused(
        request(group="large"), upload | {"style-1": bytes(MAX_IMAGE_BYTES + 2**20)}
    )
    assert (status, error.code) == (413, ErrorCode.TOO_MANY_BYTES)
    assert error.message == "The style image is 21.0 MB large, and the limit is 20 MB."


async def test_a_picture_that_is_too_large_is_not_read(client: Client) -> None:
    async with client.session.post("/v1/recipe", data=BytesIO(bytes(MAX_RESULT_BYTES + 2**20))) as answer:
        error = ErrorBody.model_validate_json(await answer.read())
        assert (answer.status, error.code) == (413, ErrorCode.TOO_MANY_BYTES)
    assert error.message == "The earlier result is 66.0 MB large, and the limit is 65 MB."


def broken() -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 64)).save(out, "PNG")
    return out.getvalue()[:60]


async def test_what_is_wrong_is_said_in_one_sentence(client: Client, upload: Upload) -> None:
    good = request(group="wrong")
    raw = json.loads(good.model_dump_json())
    unknown = request(group="wrong", styles=(StyleChoice(name="nobody_painted_this"),))
    masked = request(group="wrong", styles=(StyleChoice(part="style-1", mask="mask-1"),))
    going_on = request(group="wrong", start=Start.PREVIOUS)
    black = images.encode_mask(np.zeros((64, 96), np.uint8))
    cases: list[tuple[JobRequest | str, Upload, ErrorCode, str]] = [
        (good, upload | {"content": b"hello"}, ErrorCode.NOT_AN_IMAGE, "The picture"),
        (good, upload | {"style-1": broken()}, ErrorCode.BROKEN_IMAGE, "The style image"),
        (good, {"content": upload["content"]}, ErrorCode.BAD_REQUEST, "“style-1” is missing"),
        (good, upload | {"style-2": upload["style-1"]}, ErrorCode.BAD_REQUEST, "“style-2”"),
        (masked, upload, ErrorCode.BAD_REQUEST, "“mask-1” is missing"),
        (masked, upload | {"mask-1": black}, ErrorCode.BLACK_MASK, "The mask is black all over"),
        (masked, upload | {"mask-1": b"hello"}, ErrorCode.NOT_AN_IMAGE, "The mask"),
        (going_on, upload, ErrorCode.BAD_REQUEST, "“previous” is missing"),
        (going_on, upload | {"previous": broken()}, ErrorCode.BROKEN_IMAGE, "The earlier result"),
        (good, upload | {"previous": upload["content"]}, ErrorCode.BAD_REQUEST, "“previous”"),
        (unknown, {"content": upload["content"]}, ErrorCode.UNKNOWN_STYLE, "nobody_painted_this"),
        (json.dumps(raw | {"styles": []}), upload, ErrorCode.NO_STYLE, "A style is missing"),
        (json.dumps(raw | {"styles": raw["styles"] * 9}), upload, ErrorCode.TOO_MANY_STYLES, "At most"),
        (json.dumps(raw | {"strength": 101}), upload, ErrorCode.BAD_REQUEST, "strength"),
        (json.dumps(raw | {"colour": "red"}), upload, ErrorCode.BAD_REQUEST, "colour"),
        ("no JSON", upload, ErrorCode.BAD_REQUEST, "not valid"),
        (" " * 2**16, upload, ErrorCode.BAD_REQUEST, "longer than"),
    ]
    for wish, parts, code, words in cases:
        _, error = await client.refused(wish, parts)
        assert (error.code, words in error.message) == (code, True), error.message


async def test_malformed_requests_get_an_answer(client: Client) -> None:
    for headers, body in (
        ({"Content-Type": "application/json"}, b"{}"),
        ({"Content-Type": "multipart/form-data"}, b"x"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b\r\nnonsense"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b--\r\n"),
    ):
        async with client.session.post("/v1/jobs", data=body, headers=headers) as answer:
            error = ErrorBody.model_validate_json(await answer.read())
            assert (answer.status, error.code) == (400, ErrorCode.BAD_REQUEST)


async def test_unknown_names_are_not_found(client: Client) -> None:
    for path in ("/nothing", "/v1/jobs/none", "/v1/jobs/none/events", "/v1/jobs/none/previews/1"):
        status, _, body = await client.fetch(path)
        assert (status, ErrorBody.model_validate_json(body).code) == (404, ErrorCode.NOT_FOUND)
    status, _, body = await client.fetch("/v1/styles/..%2f..%2fconfig/image")
    assert (status, ErrorBody.model_validate_json(body).code) == (404, ErrorCode.NOT_FOUND)
    async with client.session.delete("/v1/styles") as answer:
        assert answer.status == 405
        ErrorBody.model_validate_json(await answer.read())


async def test_the_caps_hold(client: Client, upload: Upload) -> None:
    jobs = [await client.submit(request("cap", f"cap-{i}", **LONG), upload) for i in range(3)]
    _, error = await client.refused(request("cap", "cap-3"), upload)
    assert error.code is ErrorCode.USER_QUEUE_FULL
    for job in jobs:
        await client.order(job.id, "cancel")


# --- who may, and how it is -------------------------------------------------------------------------------


async def test_the_token_is_asked_for(engine: EngineProcess) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        async with aiohttp.ClientSession(engine.url, headers=headers) as session:
            async with session.get("/v1/styles") as answer:
                error = ErrorBody.model_validate_json(await answer.read())
                assert (answer.status, error.code) == (401, ErrorCode.BAD_TOKEN)
            for path in ("/healthz", "/readyz", "/metrics"):
                async with session.get(path) as answer:
                    assert answer.status == 200


async def test_without_a_token_a_web_page_is_a_stranger(tmp_path: Path) -> None:
    with sketching(tmp_path, token=None) as engine:
        cases = [
            ({}, 200),
            ({"Origin": engine.url}, 200),
            ({"Origin": "https://elsewhere.example"}, 401),
            ({"Host": "rebound.example"}, 401),
        ]
        async with aiohttp.ClientSession(engine.url) as session:
            for headers, status in cases:
                async with session.get("/v1/styles", headers=headers) as answer:
                    assert answer.status == status, headers


async def test_metrics_count(client: Client, upload: Upload) -> None:
    async def value(name: str) -> float:
        text = (await client.fetch("/metrics"))[2].decode()
        return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name)))

    ended = await value('atelier_jobs_ended_total{state="finished"}')
    evaluations = await value("atelier_evaluations_total")
    job = await client.submit(request(group="metrics"), upload)
    await client.painted(job.id)
    assert await value('atelier_jobs_ended_total{state="finished"}') == ended + 1
    assert await value("atelier_evaluations_total") == evaluations + 2
    assert await value('atelier_jobs{state="running"}') == 0
    assert await value("atelier_workers_warm") == 1


# --- disasters --------------------------------------------------------------------------------------------


async def test_a_job_outlives_its_worker(engine: EngineProcess, client: Client, upload: Upload) -> None:
    job = await client.submit(request(group="killed", **LONG), upload)
    before, frame = await first_frame(client, job.id)
    os.kill(engine.worker(), signal.SIGKILL)
    async with aclosing(client.events(job.id, after=before.id)) as events:
        async for envelope in events:
            if isinstance(envelope.event, Started) and envelope.event.attempt == 2:
                break
    again, second = await first_frame(client, job.id)
    assert again.id > before.id
    assert second.n > frame.n
    await client.order(job.id, "finish")
    await client.painted(job.id)


async def test_it_is_not_ready_while_nobody_paints(
    engine: EngineProcess, client: Client, upload: Upload
) -> None:
    async with aiohttp.ClientSession(engine.url) as session:
        os.kill(engine.worker(), signal.SIGKILL)
        async with asyncio.timeout(LONGEST_WAIT):
            statuses: list[int] = []
            while statuses[-1:] != [503]:
                async with session.get("/readyz") as answer:
                    statuses.append(answer.status)
            job = await client.submit(request(group="nobody"), upload)
            await client.painted(job.id)
        async with session.get("/readyz") as answer:
            assert answer.status == 200


async def test_an_engine_that_was_killed_or_stopped_goes_on_where_it_was(
    tmp_path: Path, upload: Upload
) -> None:
    with sketching(tmp_path).ready() as engine:
        worker = engine.worker()
        async with talk(engine) as client:
            running = await client.submit(request(group="a", **LONG), upload, "key-running")
            before, begun = await first_frame(client, running.id)
            waiting = [await client.submit(request(group=name), upload) for name in ("b", "c")]
        engine.kill()
    await until_gone(worker)  # it outlives its engine by a step
    checkpoint = tmp_path / "data" / "images" / running.id / "checkpoint.npz"
    assert checkpoint.exists()
    with sketching(tmp_path, "idle", HANGING) as engine:
        async with talk(engine) as client:
            positions = [(await client.view(job.id)).position for job in (running, *waiting)]
        assert engine.stop() == 0, engine.output()
    assert positions == [1, 2, 3]
    with sketching(tmp_path, "again").ready() as engine:
        worker = engine.worker()
        async with talk(engine) as client:
            again = await client.submit(request(group="a", **LONG), upload, "key-running")
            after, gone_on = await first_frame(client, running.id)
            stream = client.events(running.id)
            await anext(stream)
            assert engine.stop() == 0, engine.output()
            told = [envelope.event async for envelope in stream]
            assert not any(isinstance(event, Finished | Cancelled) for event in told)
    await until_gone(worker)
    assert checkpoint.exists()
    assert again.id == running.id
    assert after.id > before.id
    with sketching(tmp_path, "stopped", HANGING) as engine:
        async with talk(engine) as client:
            assert (await client.view(running.id)).state is JobState.QUEUED
        assert engine.stop() == 0, engine.output()
    with sketching(tmp_path, "last").ready() as engine:
        async with talk(engine) as client:
            _, ending = await first_frame(client, running.id)
            await client.order(running.id, "finish")
            for job in (running, *waiting):
                await client.painted(job.id)
            assert not checkpoint.exists()
    assert 0 < begun.evaluation <= gone_on.evaluation <= ending.evaluation


async def test_one_worker_paints_several_side_by_side(tmp_path: Path, upload: Upload) -> None:
    with sketching(tmp_path, batch=2).ready() as engine:
        async with talk(engine) as client:
            before = await client.submit(request("ann", **LONG), upload)
            await first_frame(client, before.id)
            picture = images.decode(upload["content"], "content")
            mirrored = images.Picture(picture.rgb[:, ::-1].copy())
            contents = {"bob": picture, "eve": mirrored}
            beside = [
                await client.submit(
                    request(user, **LONG), upload | {"content": images.encode(content, ImageFormat.PNG)}
                )
                for user, content in contents.items()
            ]
            await client.order(before.id, "cancel")
            for job in beside:
                await first_frame(client, job.id)
            assert [(await client.view(job.id)).state for job in beside] == [JobState.RUNNING] * 2
            for job, own, others in zip(beside, (picture, mirrored), (mirrored, picture), strict=True):
                await client.order(job.id, "finish")
                assert (await client.painted(job.id)).stopped_early
                painting = images.decode((await client.fetch(f"/v1/jobs/{job.id}/result"))[2], "content")
                away = [
                    np.abs(
                        painting.rgb - images.resize(each, painting.width, painting.height).rgb.astype(int)
                    )
                    for each in (own, others)
                ]
                assert away[0].mean() < away[1].mean()


def test_a_second_engine_on_the_same_data_says_so(engine: EngineProcess) -> None:
    with EngineProcess(engine.data_dir, "other") as other:
        assert other.process.wait(LONGEST_WAIT) == 1
    assert other.output() == f"Another engine is using the data directory {engine.data_dir}.\n"


def test_without_a_token_only_this_machine_is_served(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[engine]\nhost = "0.0.0.0"\n')
    environ = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    command = [sys.executable, "-m", "engine", "serve", "--config", str(config)]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert TOKEN_VARIABLE in run.stderr
