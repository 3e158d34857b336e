"""A finished painting is sent as somebody can take it: in so many bytes, for a purpose, beside what it was before."""

import asyncio
import base64
import io
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from yarl import URL

from engine import images
from engine.images import Animation, Picture
from engine.painting import renditions
from engine.protocol import (
    MIN_RENDITION_BYTES,
    PRESETS,
    RENDITION_HEADER,
    ErrorBody,
    ErrorCode,
    ImageFormat,
    JobState,
    Level,
    Outcome,
    Plan,
    Preset,
    Provenance,
    RecipeName,
    Rendition,
    Settings,
    Wish,
)
from engine.service.app import STORE
from engine.service.routes import RENDITIONS, STATISTICS
from engine.storage.files import CONTENT, result_file, snapshot_file
from engine.styles.catalogue import image_path
from tests.engine.engine_process import LONGEST_WAIT
from tests.engine.scripted import provenance, record, settle
from tests.engine.service.served import Served, serve

PLAN = Plan(recipe=RecipeName.DRAFT, levels=(Level(width=64, height=64, evaluations=9),), seconds=1.0)
RECIPE = provenance(PLAN, Settings()).model_dump_json()
SEED = 5
WIDTH, HEIGHT = 300, 200


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path) as served:
        yield served


def noise(
    width: int = WIDTH, height: int = HEIGHT, *, see_through: bool = False, seed: int = SEED
) -> Picture:
    """A picture of which nothing can be compressed away, as hardly of a painting's strokes."""
    draw = np.random.default_rng(seed)
    alpha = np.repeat(np.arange(width, dtype=np.uint8)[None] % 200, height, axis=0) if see_through else None
    return Picture(draw.integers(0, 255, (height, width, 3), np.uint8), alpha)


async def painted(
    served: Served,
    painting: Picture | Animation,
    *,
    content: Picture | Animation | None = None,
    snapshots: int = 0,
) -> str:
    """A finished job with these files; returns its id."""
    animation = painting if isinstance(painting, Animation) else Animation.still(painting)
    first, moves = animation.frames[0], len(animation.frames) > 1
    image_format = ImageFormat.WEBP if moves else ImageFormat.PNG
    outcome = Outcome(
        seconds=1.0, width=first.width, height=first.height, format=image_format, moments=snapshots
    )
    job = record(state=JobState.FINISHED, ended=time.time(), outcome=outcome)
    job = job.but(plan=job.plan.model_copy(update={"frames": len(animation.frames)}))
    encoded = (
        images.encode_animation(animation, image_format, text=RECIPE)
        if moves
        else images.encode(first, image_format, text=RECIPE)
    )
    files = {result_file(image_format): encoded}
    for number in range(1, snapshots + 1):
        still = Picture(np.full_like(first.rgb, 9 * number))
        files[snapshot_file(number)] = images.encode(still, ImageFormat.JPEG, text=RECIPE)
    if isinstance(content, Picture):
        files[CONTENT] = images.encode(content, ImageFormat.PNG)
    elif content is not None:
        files[CONTENT] = images.encode_animation(content, ImageFormat.PNG)
    store = served.app[STORE]
    await store.insert(job)
    await asyncio.to_thread(store.files.write, job.id, files)
    return job.id


async def fetched(served: Served, path: str, **query: object) -> tuple[bytes, Rendition]:
    asked = {name: str(value) for name, value in query.items()}
    async with served.client.session.get(path, params=asked) as answer:
        body = await answer.read()
        assert answer.status == 200, body
        assert answer.headers["Cache-Control"] == "no-store"
        about = Rendition.model_validate_json(answer.headers[RENDITION_HEADER])
        assert answer.content_type == f"image/{about.format.lower()}"
    return body, about


async def refused(served: Served, path: str) -> tuple[int, ErrorBody]:
    async with served.client.session.get(URL(path, encoded=True)) as answer:
        return answer.status, ErrorBody.model_validate_json(await answer.read())


def decoded(data: bytes) -> Picture:
    return images.decode(data, "painting", max_bytes=None)


async def test_what_fits_is_the_file_itself(served: Served) -> None:
    job = await painted(served, noise())
    whole, about = await fetched(served, f"/v1/jobs/{job}/result")
    assert about == Rendition(format=ImageFormat.PNG, width=WIDTH, height=HEIGHT, is_original=True)
    assert np.array_equal(decoded(whole).rgb, noise().rgb)
    for wish in ({"max_bytes": len(whole)}, {"max_bytes": 2**40}, {"max_side": WIDTH}):
        assert await fetched(served, f"/v1/jobs/{job}/result", **wish) == (whole, about)


@pytest.mark.parametrize(
    ("size", "see_through", "max_bytes", "image_format", "is_full_size"),
    [
        ((300, 200), False, 160_000, ImageFormat.JPEG, True),
        ((300, 200), False, MIN_RENDITION_BYTES, ImageFormat.WEBP, True),
        ((600, 400), False, MIN_RENDITION_BYTES, None, False),
        ((300, 200), True, MIN_RENDITION_BYTES, ImageFormat.WEBP, True),
        ((600, 400), True, MIN_RENDITION_BYTES, ImageFormat.WEBP, False),
        ((4096, 70), False, MIN_RENDITION_BYTES, None, False),
    ],
)
async def test_quality_is_given_up_before_size(
    served: Served,
    size: tuple[int, int],
    see_through: bool,
    max_bytes: int,
    image_format: ImageFormat | None,
    is_full_size: bool,
) -> None:
    job = await painted(served, noise(*size, see_through=see_through))
    data, about = await fetched(served, f"/v1/jobs/{job}/result", max_bytes=max_bytes)
    picture = decoded(data)
    assert max_bytes / 2 < len(data) <= max_bytes
    assert (picture.width, picture.height) == (about.width, about.height)
    assert about.is_full_size == is_full_size == ((picture.width, picture.height) == size)
    assert not about.is_original
    assert image_format in (None, about.format)
    assert (picture.alpha is not None) == see_through
    assert images.read_provenance(data) == Provenance.from_anywhere(RECIPE)


async def test_the_same_picture_is_made_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    job, made, fitted = await painted(served, noise()), [], renditions.fitted

    def counted(*asked: Any) -> images.Fitted:
        made.append(asked)
        return fitted(*asked)

    monkeypatch.setattr(renditions, "fitted", counted)
    asking = (fetched(served, f"/v1/jobs/{job}/result", max_bytes=100_000) for _ in range(5))
    assert len({data for data, _ in await asyncio.gather(*asking)}) == 1
    assert len(made) == 1


async def test_who_has_left_keeps_nobody_waiting(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [await painted(served, noise(seed=seed)) for seed in range(3)]
    begun, may_end, made = asyncio.Event(), threading.Event(), []
    loop, fitted = asyncio.get_running_loop(), renditions.fitted

    def slowly(file: Path, *asked: Any) -> images.Fitted:
        made.append(file.parent.name)
        loop.call_soon_threadsafe(begun.set)
        assert may_end.wait(LONGEST_WAIT)
        return fitted(file, *asked)

    monkeypatch.setattr(renditions, "fitted", slowly)
    asking = [
        asyncio.create_task(fetched(served, f"/v1/jobs/{job}/result", max_bytes=100_000)) for job in jobs[:2]
    ]
    async with asyncio.timeout(LONGEST_WAIT):
        await begun.wait()
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    last = asyncio.create_task(fetched(served, f"/v1/jobs/{jobs[2]}/result", max_bytes=100_000))

    async def only_it_waits() -> bool:
        return [task.get_name() for task in asyncio.all_tasks()].count("work of a request") == 2

    await settle(only_it_waits)
    may_end.set()
    await last
    assert len(made) == 2  # what had begun, and what was still waited for


async def test_a_preview_for_a_gallery_is_small(served: Served) -> None:
    job = await painted(served, noise())
    data, about = await fetched(served, f"/v1/jobs/{job}/result", max_side=96)
    assert (about.width, about.height, about.is_full_size) == (96, 64, False)
    assert (decoded(data).width, decoded(data).height) == (96, 64)


@pytest.mark.parametrize("size", [(300, 200), (100, 4), (64, 900)])
async def test_a_result_can_become_what_its_server_takes(served: Served, size: tuple[int, int]) -> None:
    job = await painted(served, noise(*size))
    for preset, facts in PRESETS.items():
        data, about = await fetched(served, f"/v1/jobs/{job}/result", preset=preset)
        picture = decoded(data)
        assert about.format is ImageFormat.PNG
        assert len(data) <= facts.max_bytes
        if facts.cropped or facts.padded:
            assert (picture.width, picture.height) == (facts.width, facts.height)
        else:
            assert max(picture.width, picture.height) <= max(facts.width, facts.height)
        assert (picture.alpha is not None) == facts.padded
        assert images.read_provenance(data) == Provenance.from_anywhere(RECIPE)


def film(size: tuple[int, int] = (WIDTH, HEIGHT), frames: int = 3) -> Animation:
    return Animation(tuple(noise(*size, seed=seed) for seed in range(frames)), (100,) * frames)


async def test_what_moves_goes_on_moving(served: Served) -> None:
    job = await painted(served, film(), content=film())
    _, about = await fetched(served, f"/v1/jobs/{job}/result")
    assert (about.moves, about.is_original) == (True, True)
    for path, wish in (
        ("result", Wish(max_bytes=MIN_RENDITION_BYTES)),
        ("result", Wish(max_side=64)),
        ("result", Wish(preset=Preset.EMOJI)),
        ("result", Wish(preset=Preset.STICKER)),
        ("comparison", Wish(max_bytes=MIN_RENDITION_BYTES)),
    ):
        data, about = await fetched(served, f"/v1/jobs/{job}/{path}", **wish.model_dump(exclude_none=True))
        moving = images.decode_animation(data, "painting", most=9, max_bytes=None)
        assert moving is not None
        assert len(moving.frames) == 3
        assert about.moves
        assert wish.max_bytes is None or len(data) <= wish.max_bytes
        if wish.preset:
            assert about.format is PRESETS[wish.preset].moving
            assert len(data) <= PRESETS[wish.preset].max_bytes


async def test_what_moves_may_have_become_narrow(served: Served) -> None:
    job = await painted(served, film((100, 8)))
    _, about = await fetched(served, f"/v1/jobs/{job}/result", max_side=50)
    assert (about.width, about.height, about.moves) == (50, 4, True)


async def test_before_and_after_are_in_one_picture(served: Served) -> None:
    red, blue = (
        Picture(np.full((HEIGHT, WIDTH, 3), colour, np.uint8)) for colour in ((200, 0, 0), (0, 0, 200))
    )
    job = await painted(served, blue, content=images.resize(red, WIDTH // 2, HEIGHT // 2))
    data, about = await fetched(served, f"/v1/jobs/{job}/comparison", max_bytes=MIN_RENDITION_BYTES)
    assert (about.width, about.height, about.is_original) == (WIDTH, HEIGHT, False)
    rgb = decoded(data).rgb.astype(int)
    for (y, x), colour in {
        (100, 10): (200, 0, 0),
        (100, 290): (0, 0, 200),
        (100, 150): (255, 255, 255),
    }.items():
        assert abs(rgb[y, x] - colour).max() < 12
    assert images.read_provenance(data) == Provenance.from_anywhere(RECIPE)


async def test_there_is_no_before_if_it_was_not_kept(served: Served) -> None:
    job = await painted(served, noise())
    status, error = await refused(served, f"/v1/jobs/{job}/comparison")
    assert (status, error.code) == (410, ErrorCode.CONTENT_GONE)


async def test_all_moments_are_on_one_sheet(served: Served) -> None:
    job = await painted(served, noise(), snapshots=24)
    data, about = await fetched(served, f"/v1/jobs/{job}/moments", max_bytes=10**6)
    assert len(data) <= 10**6
    assert 1 < about.width / about.height < 2
    sheet = decoded(data)
    assert sheet.rgb.max() > 240  # the numbers
    thumbnails, _ = await fetched(served, f"/v1/jobs/{job}/moments", max_side=400)
    assert decoded(thumbnails).width == 400


async def test_a_time_lapse_and_a_moment_fit_too(served: Served) -> None:
    job = await painted(served, noise(1200, 800), snapshots=3)
    _, about = await fetched(served, f"/v1/jobs/{job}/timelapse")
    assert (about.moves, about.is_original, about.width) == (True, True, 512)
    small, about = await fetched(served, f"/v1/jobs/{job}/timelapse", max_side=100)
    assert (about.moves, about.width) == (True, 100)
    assert images.read_provenance(small) == Provenance.from_anywhere(RECIPE)
    _, about = await fetched(served, f"/v1/jobs/{job}/moments/2")
    assert (about.format, about.is_original) == (ImageFormat.JPEG, True)
    _, about = await fetched(served, f"/v1/jobs/{job}/moments/2", preset=Preset.EMOJI)
    assert (about.format, about.width) == (ImageFormat.PNG, 128)


UNASKABLE = (
    "max_bytes=0",
    "max_bytes=-1",
    f"max_bytes={MIN_RENDITION_BYTES - 1}",
    "max_bytes=1" + "0" * 400,
    "max_bytes=much",
    "max_bytes=",
    "max_bytes=1e999",
    "max_bytes=NaN",
    "max_bytes=100000&max_bytes=200000",
    "max_side=1",
    "max_side=99999",
    "preset=",
    "preset=wallpaper",
    "colour=blue",
    "%00=%ff",
)


async def test_what_cannot_be_asked_is_refused_by_name(served: Served) -> None:
    job = await painted(served, noise(), content=noise(), snapshots=2)
    for path in ("result", "moments/1", "timelapse", "comparison", "moments"):
        for query in (*UNASKABLE, *(["preset=emoji"] * (path not in ("result", "moments/1")))):
            status, error = await refused(served, f"/v1/jobs/{job}/{path}?{query}")
            assert (status, error.code) == (400, ErrorCode.BAD_REQUEST), query
            assert len(error.message) < 200


async def test_nothing_is_made_before_the_end_or_of_what_is_not_there(served: Served) -> None:
    waiting, cancelled = record(), record(state=JobState.CANCELLED, ended=time.time())
    for job in (waiting, cancelled):
        await served.app[STORE].insert(job)
    for path in ("result?max_bytes=100000", "comparison", "moments", "moments/1?max_side=64"):
        for job_id, status, code in (
            (waiting.id, 409, ErrorCode.NOT_PAINTED_YET),
            (cancelled.id, 404, ErrorCode.NOT_FOUND),
            ("0" * 32, 404, ErrorCode.NOT_FOUND),
        ):
            answer, error = await refused(served, f"/v1/jobs/{job_id}/{path}")
            assert (answer, error.code) == (status, code)


async def test_files_that_are_gone_or_damaged_are_said(served: Served) -> None:
    job = await painted(served, noise(), content=noise(), snapshots=2)
    files = served.app[STORE].files
    files.path(job, snapshot_file(1)).unlink()
    files.path(job, snapshot_file(2)).write_bytes(b"none of ours")
    files.path(job, CONTENT).write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    for path, status, code in (
        ("moments/1", 404, ErrorCode.NOT_FOUND),
        ("moments/2", 422, ErrorCode.BROKEN_IMAGE),
        ("moments", 404, ErrorCode.NOT_FOUND),
        ("comparison", 422, ErrorCode.BROKEN_IMAGE),
    ):
        answer, error = await refused(served, f"/v1/jobs/{job}/{path}")
        assert (answer, error.code) == (status, code)


async def test_what_was_made_is_sent_as_files_are(served: Served) -> None:
    job = await painted(served, noise(), content=noise(seed=1))
    path = f"/v1/jobs/{job}/comparison"
    whole, _ = await fetched(served, path)
    async with served.client.session.head(path) as answer:
        tag, length = answer.headers["ETag"], answer.headers["Content-Length"]
        assert (answer.status, int(length), await answer.read()) == (200, len(whole), b"")
    for headers, status in (
        ({"If-None-Match": tag}, 304),
        ({"If-Match": '"another"'}, 412),
        ({"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"}, 200),
        ({"Range": "bytes=10-19"}, 206),
        ({"Range": "bytes=99999999-"}, 416),
        ({"Range": "bytes=10-19", "If-Range": "Sat, 01 Jan 2050 00:00:00 GMT"}, 200),
    ):
        async with served.client.session.get(path, headers=headers) as answer:
            body = await answer.read()
            assert answer.status == status
            if status == 206:
                assert body == whole[10:20]


async def test_pictures_are_for_who_has_the_token(served: Served) -> None:
    job = await painted(served, noise(), content=noise(), snapshots=1)
    for path in ("result?max_bytes=100000", "comparison", "moments"):
        async with served.client.session.get(
            f"/v1/jobs/{job}/{path}", headers={"Authorization": "Bearer none"}
        ) as answer:
            assert answer.status == 401


async def test_it_is_cut_where_the_photo_has_its_subject(served: Served) -> None:
    photo = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    photo[:, WIDTH - 60 :][::4, ::4] = 255
    strokes = noise().rgb.copy()
    strokes[:, WIDTH - 30 :] = 7
    job = await painted(served, Picture(strokes), content=Picture(photo))
    data, _ = await fetched(served, f"/v1/jobs/{job}/result", preset=Preset.AVATAR)
    assert np.abs(decoded(data).rgb[:, -40:].astype(int) - 7).max() < 10, "its right end is kept"
    without = await painted(served, Picture(strokes))
    data, _ = await fetched(served, f"/v1/jobs/{without}/result", preset=Preset.AVATAR)
    assert decoded(data).rgb[:, -40:].std() > 10, "nothing says that there is more to see there"


async def test_several_results_are_on_one_sheet(served: Served) -> None:
    jobs = [await painted(served, noise(300, 200)), "0" * 32, await painted(served, noise(200, 300))]
    query = "&".join(f"job={job}" for job in jobs)
    async with served.client.session.get(f"/v1/sheet?{query}&max_bytes=100000") as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        about = Rendition.model_validate_json(answer.headers[RENDITION_HEADER])
        assert not about.is_original
        assert len(await answer.read()) <= 100_000
    assert (await refused(served, f"/v1/sheet?job={'0' * 32}"))[0] == 404
    before = await fetched(served, f"/v1/sheet?{query}")
    await served.app[STORE].forget(jobs[2])
    assert await fetched(served, f"/v1/sheet?{query}") != before, "what has gone is not shown from memory"
    for wrong in ("", "?job=", "?job=" + "&job=".join(jobs * 9), f"?job={jobs[0]}&preset=emoji", "?jobs=1"):
        status, _ = await refused(served, f"/v1/sheet{wrong}")
        assert status == (404 if wrong == "?job=" else 400)


async def test_several_studies_are_one_picture_with_their_titles(served: Served) -> None:
    path = "/v1/styles/sheet?style=udnie&style=the_scream&style=starry_night&first=7"
    async with served.client.session.get(path) as answer:
        assert answer.status == 200
        assert "Cache-Control" not in answer.headers, "what is bundled is nobody's"
        data, tag = await answer.read(), answer.headers["ETag"]
        about = Rendition.model_validate_json(answer.headers[RENDITION_HEADER])
    assert (about.format, about.width, about.height) == (
        ImageFormat.JPEG,
        decoded(data).width,
        decoded(data).height,
    )
    made = served.app[RENDITIONS]._made
    assert len(made) == 1
    async with served.client.session.get(path, headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    assert len(made) == 1, "it is drawn once"
    async with served.client.session.get(path + "&max_bytes=65536") as answer:
        assert len(await answer.read()) <= 65536


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("style=rococo", 404),
        ("style=udnie&first=0", 400),
        ("style=udnie&preset=emoji", 400),
        ("&".join(["style=udnie"] * 25), 400),
    ],
)
async def test_a_sheet_of_studies_is_refused_for_what_is_asked(
    served: Served, query: str, status: int
) -> None:
    assert (await refused(served, f"/v1/styles/sheet?{query}"))[0] == status


async def test_a_study_is_sent_as_it_is_or_as_an_emoji(served: Served) -> None:
    async with served.client.session.get("/v1/styles/udnie/image") as answer:
        assert await answer.read() == image_path("udnie").read_bytes()
    async with served.client.session.get("/v1/styles/udnie/image?preset=emoji") as answer:
        emoji = decoded(await answer.read())
        assert answer.content_type == "image/png"
    facts = PRESETS[Preset.EMOJI]
    assert (emoji.width, emoji.height) == (facts.width, facts.height)
    assert (await refused(served, "/v1/styles/rococo/image"))[0] == 404


def sent(picture: Picture) -> str:
    return base64.b64encode(images.encode(picture, ImageFormat.PNG)).decode()


async def drawn(served: Served, sheet: dict[str, Any], query: str = "") -> tuple[int, bytes]:
    async with served.client.session.post(f"/v1/styles/sheet{query}", json=sheet) as answer:
        return answer.status, await answer.read()


async def test_styles_that_are_sent_along_stand_among_the_bundled_and_are_not_remembered(
    served: Served,
) -> None:
    red = Picture(np.full((96, 64, 3), (255, 0, 0), np.uint8))
    tiles = [{"name": "udnie"}, {"title": "Night harbour", "image": sent(red)}, {"name": "the_scream"}]
    status, data = await drawn(served, {"first": 3, "tiles": tiles}, "?max_bytes=65536")
    assert status == 200
    assert len(data) <= 65536
    middle = decoded(data).rgb[150:250, 500:700].mean((0, 1))
    assert middle[0] > 200
    assert max(middle[1:]) < 60
    assert not served.app[RENDITIONS]._made


async def test_a_bundled_style_may_be_called_otherwise(served: Served) -> None:
    _, ours = await drawn(served, {"tiles": [{"name": "the_scream"}]})
    _, same = await drawn(served, {"tiles": [{"name": "the_scream", "title": "The Scream"}]})
    _, other = await drawn(served, {"tiles": [{"name": "the_scream", "title": "Der Schrei"}]})
    assert ours == same != other


@pytest.mark.parametrize(
    ("tiles", "status"),
    [
        ([], 400),
        ([{"title": "neither"}], 400),
        ([{"name": "udnie", "image": "aGk="}], 400),
        ([{"image": "no base64!"}], 400),
        ([{"image": "aGVsbG8gd29ybGQ="}], 415),
        ([{"name": "rococo"}], 404),
        ([{"name": "udnie"}] * 25, 400),
        ([{"image": "a" * 300_000}], 400),
    ],
)
async def test_a_sheet_of_styles_that_are_sent_is_refused_for_what_is_in_it(
    served: Served, tiles: list[dict[str, str]], status: int
) -> None:
    assert (await drawn(served, {"tiles": tiles}))[0] == status


async def test_a_style_is_redrawn_without_anything_but_its_pixels(served: Served) -> None:
    told = images.encode(noise(1500, 1000), ImageFormat.PNG, text="where and by whom it was taken")
    path = "/v1/styles/image?max_side=384&max_bytes=131072"
    async with served.client.session.post(path, data=io.BytesIO(told)) as answer:
        assert answer.status == 200
        data = await answer.read()
    picture = decoded(data)
    assert (picture.width, picture.height) == (384, 256)
    assert len(data) <= 131072
    assert b"by whom" not in data
    assert images.read_text(data) is None


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"<svg></svg>", ErrorCode.NOT_AN_IMAGE),
        (
            images.encode(
                Picture(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8)), ImageFormat.PNG
            ),
            ErrorCode.CLEAR_STYLE,
        ),
        (images.encode(Picture(np.zeros((20, 64, 3), np.uint8)), ImageFormat.PNG), ErrorCode.TOO_SMALL),
    ],
)
async def test_what_is_no_style_is_not_redrawn(served: Served, sent: bytes, code: ErrorCode) -> None:
    async with served.client.session.post("/v1/styles/image", data=sent) as answer:
        assert ErrorBody.model_validate_json(await answer.read()).code is code


async def test_what_was_measured_of_a_style_image_is_forgotten(served: Served) -> None:
    cache, source = served.app[STATISTICS], "sha256:" + "ab" * 32
    cache.note("wave", source)
    cache.put("wave", (np.ones(3, np.float32),))
    for _ in range(2):  # it may be asked twice
        async with served.client.session.delete(f"/v1/styles/measured/{source}") as answer:
            assert answer.status == 204
        assert cache.get("wave") is None
