"""Whatever a file does to the process that decodes it, the engine gets a picture or a refusal and goes on."""

import asyncio
import json
import math
import mmap
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from ctypes.util import find_library
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import images
from engine.images import decoding, fork_client, sandbox
from engine.images.confinement import DEFAULT, Limits, Measure
from engine.images.decoder_child import HEAD
from engine.protocol import (
    MAX_ANIMATED_PIXELS,
    MAX_FRAMES,
    ErrorCode,
    ImageFormat,
    Level,
    Plan,
    Provenance,
    RecipeName,
    Refusal,
    Settings,
)
from engine.words import sentence

PHOTOS = Path(__file__).parents[3] / "demo" / "photos"
LARGEST = (7990, 5000)  # just within the limit on pixels
TEXT = Provenance(
    engine="1.2",
    content="sha256:abc",
    styles=("great_wave",),
    weights=(1.0,),
    settings=Settings(),
    plan=Plan(recipe=RecipeName.DRAFT, levels=(Level(width=64, height=48, evaluations=3),), seconds=2.0),
    evaluations_done=3,
).model_dump_json()


def png(width: int, height: int, mode: str = "1") -> bytes:
    out = BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG")
    return out.getvalue()


async def refusal(data: bytes, limits: Limits = DEFAULT) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await sandbox.decode(data, "style", limits=limits)
    return refused.value


async def photo_is_decoded() -> None:
    data = (PHOTOS / "chelsea.png").read_bytes()
    picture = await sandbox.decode(data, "content")
    np.testing.assert_array_equal(picture.rgb, images.decode(data, "content").rgb)
    assert picture.alpha is None


async def test_a_picture_comes_back_as_it_was_decoded() -> None:
    await photo_is_decoded()


async def test_alpha_comes_back_too() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    sent = images.Picture(rgb, rgb[..., 0])
    picture = await sandbox.decode(images.encode(sent, ImageFormat.PNG), "content")
    np.testing.assert_array_equal(picture.rgb, sent.rgb)
    np.testing.assert_array_equal(picture.alpha, sent.alpha)


@pytest.mark.parametrize("image_format", ImageFormat)
async def test_every_format_is_decoded_in_confinement(image_format: ImageFormat) -> None:
    if image_format is ImageFormat.HEIF and Measure.FILTER in (await sandbox.probe()).missing:
        pytest.skip("without a filter no thread can be had, which libde265 needs")
    out = BytesIO()
    Image.new("RGB", (64, 48), (200, 40, 60)).save(out, image_format)
    picture = await sandbox.decode(out.getvalue(), "content")
    np.testing.assert_array_equal(picture.rgb, images.decode(out.getvalue(), "content").rgb)


async def test_a_large_picture_can_be_had_small() -> None:
    picture = await sandbox.decode(png(400, 300), "content", long_side=200)
    assert (picture.width, picture.height) == (200, 150)


async def test_the_largest_picture_fits_in_the_limits() -> None:
    picture = await sandbox.decode(png(*LARGEST, mode="RGBA"), "content")
    assert (picture.width, picture.height) == LARGEST
    assert picture.alpha is not None


async def test_a_refusal_comes_back_in_its_own_words() -> None:
    refused = await refusal(b"hello")
    assert refused.code == ErrorCode.NOT_AN_IMAGE
    assert sentence(refused).startswith("The style image is not an image that can be read")
    assert refused.status == 415


async def test_a_real_bomb_is_refused() -> None:
    assert (await refusal(png(13300, 13400))).code == ErrorCode.TOO_MANY_PIXELS


async def test_too_much_memory_is_refused() -> None:
    refused = await refusal(png(*LARGEST, mode="RGBA"), Limits(memory_bytes=128 * 10**6))
    assert refused.code == ErrorCode.HUGE_IMAGE
    assert sentence(refused) == (
        "The style image needs more than 122 MB of memory to decode: save it smaller, or in another format."
    )
    await photo_is_decoded()


# --- what moves, what masks, and what a picture tells ---------------------------------------------------------


def moving(count: int, size: tuple[int, int], format_: str = "GIF", **options: Any) -> bytes:
    shades = [Image.new("RGB", size, (5 * index % 256, 90, 40)) for index in range(count)]
    out = BytesIO()
    shades[0].save(out, format_, save_all=True, append_images=shades[1:], **options)
    return out.getvalue()


def again_and_again(count: int, side: int) -> bytes:
    """A GIF with the same frame so many times."""
    out = BytesIO()
    steps = Image.linear_gradient("L").resize((9, 9)).resize((side, side), Image.Resampling.NEAREST)
    steps.save(out, "GIF", optimize=False)
    head, data = 13 + 3 * 256, out.getvalue()
    return data[:head] + data[head:-1] * count + b";"


async def content(data: bytes, *, most: int = 48, limits: Limits = DEFAULT) -> images.Animation:
    return await sandbox.decode_content(
        data, "content", most=most, long_side=200, frame_side=100, limits=limits
    )


async def test_an_animation_comes_back_thinned_and_small() -> None:
    animation = await content(moving(6, (400, 300), duration=[20, 30, 40, 50, 60, 70]), most=3)
    assert (animation.total, animation.milliseconds) == (6, (50, 90, 130))
    assert {frame.rgb.shape for frame in animation.frames} == {(75, 100, 3)}
    np.testing.assert_allclose([frame.rgb[9, 9, 0] for frame in animation.frames], [0, 10, 20], atol=2)


async def test_alpha_comes_back_with_its_own_frames() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    frames = (images.Picture(rgb), images.Picture(rgb[::-1], rgb[..., 0]), images.Picture(rgb[:, ::-1]))
    data = images.encode_animation(images.Animation(frames, (50, 60, 70)), ImageFormat.PNG)
    animation = await content(data)
    assert [frame.alpha is not None for frame in animation.frames] == [False, True, False]
    for sent, got in zip(frames, animation.frames, strict=True):
        np.testing.assert_array_equal(sent.rgb, got.rgb)
    np.testing.assert_array_equal(animation.frames[1].alpha, rgb[..., 0])


async def test_what_does_not_move_is_one_frame() -> None:
    animation = await content(png(400, 300, "RGBA"))
    assert (len(animation.frames), animation.total) == (1, 1)
    assert animation.frames[0].rgb.shape == (150, 200, 3)
    assert animation.frames[0].alpha is not None


async def test_a_mask_comes_back() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    data = images.encode(images.Picture(rgb, rgb[..., 0]), ImageFormat.PNG)
    mask = await sandbox.decode_mask(data, "mask", long_side=100)
    np.testing.assert_array_equal(mask, images.decode_mask(data))
    assert (await sandbox.decode_mask(data, "mask", long_side=25)).shape == (20, 25)


def scanned_again_and_again(count: int, side: int) -> bytes:
    """A progressive JPEG whose last refinement comes so many times."""
    out = BytesIO()
    Image.new("L", (side, side), 90).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    scan = data.rindex(b"\xff\xda")
    return data[:scan] + data[scan:-2] * count + data[-2:]


async def test_what_takes_too_much_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        await content(again_and_again(5, 3900), limits=Limits(memory_bytes=48 * 10**6))
    assert refused.value.code == ErrorCode.HUGE_IMAGE
    with pytest.raises(Refusal) as refused:
        await content(scanned_again_and_again(2000, 5000), limits=Limits(cpu_seconds=1))
    assert refused.value.code == ErrorCode.SLOW_IMAGE
    assert sentence(refused.value).startswith("The picture takes longer than 1 seconds to decode")
    with pytest.raises(Refusal, match=r"huge_image.*mask"):
        await sandbox.decode_mask(
            png(*LARGEST), "mask", long_side=100, limits=Limits(memory_bytes=64 * 10**6)
        )
    await photo_is_decoded()


async def test_the_longest_and_largest_animation_fits_in_the_limits() -> None:
    side = math.isqrt(MAX_ANIMATED_PIXELS // MAX_FRAMES)
    animation = await content(again_and_again(MAX_FRAMES, side))
    assert (len(animation.frames), animation.total) == (48, MAX_FRAMES)


async def test_provenance_is_read_out_of_harms_way() -> None:
    data = images.encode(images.Picture(np.zeros((40, 50, 3), np.uint8)), ImageFormat.PNG, text=TEXT)
    assert (await sandbox.read_provenance(data)).model_dump_json() == TEXT


@pytest.mark.parametrize("data", [b"", b"hello", png(40, 40), png(40, 40)[:50], moving(3, (40, 40))])
async def test_no_provenance_is_said_so(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        await sandbox.read_provenance(data)
    assert refused.value.code == ErrorCode.NO_RECIPE


async def test_a_reader_that_was_late_says_nothing_of_the_file() -> None:
    with pytest.raises(Refusal) as refused:
        await sandbox.read_provenance(png(40, 40), limits=Limits(wall_seconds=0.0))
    assert refused.value.code == ErrorCode.BUSY


# --- disasters ------------------------------------------------------------------------------------------------


def of_us(parent: int) -> list[int]:
    """The processes that a process has begun."""
    threads = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(pid) for children in threads for pid in children.read_text().split()]


def fork_server() -> int:
    (pid,) = (pid for pid in of_us(os.getpid()) if "fork_server" in Path(f"/proc/{pid}/cmdline").read_text())
    return pid


def is_at_work(pid: int) -> bool:
    with suppress(OSError, ValueError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * mmap.PAGESIZE > 80 * 10**6
    return False


def signal_next(number: int, before: int) -> int:
    server = fork_server()
    while not (found := [pid for pid in of_us(server) if pid != before and is_at_work(pid)]):
        time.sleep(0.001)
    with suppress(ProcessLookupError):
        os.kill(found[0], number)
    return found[0]


async def signal_decoder(number: int, before: int = 0) -> int:
    """Send a signal to the next decoder, not to `before`, that has got its order."""
    return await asyncio.to_thread(signal_next, number, before)


def wait_for(pid: int) -> None:
    while Path(f"/proc/{pid}").exists():  # its parent has waited for it, too
        time.sleep(0.01)


async def has_ended(pid: int) -> None:
    await asyncio.to_thread(wait_for, pid)


def wait_for_spare() -> int:
    server = fork_server()
    while len(found := of_us(server)) != 1:
        time.sleep(0.01)
    return found[0]


async def child_to_spare() -> int:
    """The only child once those before it have ended."""
    return await asyncio.to_thread(wait_for_spare)


def left_with(pid: int) -> tuple[bytes, list[str], str]:
    """A process's environment, files and status."""
    folder = Path(f"/proc/{pid}")
    files = [str(path.readlink()).partition(":")[0] for path in folder.joinpath("fd").iterdir()]
    return folder.joinpath("environ").read_bytes(), files, folder.joinpath("status").read_text()


async def begun(limits: Limits = DEFAULT) -> "asyncio.Task[Refusal | images.Picture]":
    """A large picture that is being decoded."""
    await photo_is_decoded()  # and so there is a fork server

    async def decoding() -> Refusal | images.Picture:
        try:
            return await sandbox.decode(png(*LARGEST), "style", limits=limits)
        except Refusal as refused:
            return refused

    return asyncio.create_task(decoding())


async def test_a_decoder_that_was_killed_is_replaced() -> None:
    decoding = await begun()
    await signal_decoder(signal.SIGKILL)
    assert isinstance(await decoding, images.Picture)


async def test_decoders_that_are_killed_every_time_say_nothing_of_the_picture() -> None:
    decoding = await begun()
    first = await signal_decoder(signal.SIGKILL)
    await signal_decoder(signal.SIGKILL, first)
    refused = await decoding
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.status) == (ErrorCode.BUSY, 503)
    await photo_is_decoded()


async def test_a_decoder_that_crashes_tells_of_the_picture() -> None:
    decoding = await begun()
    await signal_decoder(signal.SIGSEGV)
    refused = await decoding
    assert isinstance(refused, Refusal)
    assert refused.code == ErrorCode.BROKEN_IMAGE


async def test_a_decoder_that_hangs_is_killed_in_time() -> None:
    decoding = await begun(Limits(wall_seconds=2.0))
    hanging = await signal_decoder(signal.SIGSTOP)
    refused = await decoding
    assert isinstance(refused, Refusal)
    assert refused.code == ErrorCode.BUSY
    await has_ended(hanging)
    await photo_is_decoded()


def stop_at_birth(server: int, stopped: list[int]) -> None:
    while not stopped:
        for pid in of_us(server):
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)


async def test_a_decoder_that_hangs_before_it_has_its_order_is_killed_in_time() -> None:
    data = (PHOTOS / "chelsea.png").read_bytes()
    await photo_is_decoded()
    await child_to_spare()
    hanging: list[int] = []
    stopping = asyncio.create_task(asyncio.to_thread(stop_at_birth, fork_server(), hanging))
    assert (await refusal(data * 20, Limits(wall_seconds=1.0))).code == ErrorCode.BUSY
    await stopping
    await has_ended(hanging[0])
    await photo_is_decoded()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_lost_fork_server_is_replaced(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork_client, "START_SECONDS", 1.0)
    monkeypatch.setattr(fork_client, "END_SECONDS", 0.1)
    await photo_is_decoded()
    server = fork_server()
    os.kill(server, number)
    await photo_is_decoded()  # it may have had a child to spare
    await photo_is_decoded()
    await has_ended(server)


async def test_decoders_of_a_killed_fork_server_die_and_are_replaced() -> None:
    decoding = await begun()
    orphan = await signal_decoder(signal.SIGSTOP)
    os.kill(fork_server(), signal.SIGKILL)
    assert isinstance(await decoding, images.Picture)
    await has_ended(orphan)


async def test_a_fork_server_that_cannot_start_says_nothing_of_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await photo_is_decoded()
    os.kill(fork_server(), signal.SIGKILL)
    monkeypatch.setattr(sys, "path", ["/nowhere"])
    assert (await refusal(png(40, 40))).code == ErrorCode.BUSY
    monkeypatch.undo()
    await photo_is_decoded()


async def test_who_waits_no_more_has_the_decoder_killed() -> None:
    decoding = await begun()
    hanging = await signal_decoder(signal.SIGSTOP)
    decoding.cancel()
    await has_ended(hanging)
    await photo_is_decoded()


async def test_the_next_child_is_there_beforehand_and_has_seen_no_picture() -> None:
    await photo_is_decoded()
    spare = await child_to_spare()
    assert not is_at_work(spare)
    await photo_is_decoded()
    await has_ended(spare)
    assert await child_to_spare() != spare


async def test_many_at_once_are_all_answered() -> None:
    data = (PHOTOS / "chelsea.png").read_bytes()
    answers = [sandbox.decode(data, "content") if n % 2 else refusal(data[:9000]) for n in range(8)]
    done = await asyncio.gather(*answers)
    assert [isinstance(answer, Refusal) for answer in done] == [True, False] * 4


# --- what a decoder is left with ------------------------------------------------------------------------------


async def test_a_decoder_gets_at_nothing() -> None:
    assert (await sandbox.probe()).head.escapes == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have fewer measures")
@pytest.mark.skipif(find_library("seccomp") is None, reason="libseccomp is not installed")
async def test_nothing_is_missing_where_the_system_has_it_all() -> None:
    assert (await sandbox.probe()).missing == set()


async def test_a_decoder_has_no_environment_and_one_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_ENGINE_TOKEN", "a-secret")
    decoding = await begun()
    stopped = await signal_decoder(signal.SIGSTOP)
    try:
        assert left_with(fork_server())[0] == b""
        environment, files, status = left_with(stopped)
        assert (environment, files) == (b"", ["socket"])
        assert "Uid:\t65534\t65534\t65534" in status or os.geteuid() != 0
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert isinstance(await decoding, images.Picture)


def test_memory_that_the_machine_does_not_have_is_told_from_ones_own_limit() -> None:
    script = (
        "import resource; from engine.images.decoding import machine_has; limit = {limit};"
        "resource.setrlimit(limit, (2**29, 2**29)); print(machine_has(2**30))"
    )
    for limit, has in (("resource.RLIMIT_DATA", "True"), ("resource.RLIMIT_AS", "False")):
        assert confined(script.format(limit=limit)).strip() == has


@pytest.mark.parametrize(
    "head",
    [
        b"{",
        b"[]",
        b'{"shapes": [[40, 50, 3]], "more": 1}',
        b'{"shapes": []}',
        b'{"shapes": [[40, 50]]}',
        b'{"shapes": [[40, 50, 4]]}',
        b'{"shapes": [[0, 50, 3]]}',
        b'{"shapes": [[-40, 50, 3]]}',
        b'{"shapes": [[40, 50, 3], [40, 51]]}',
        b'{"shapes": [[40, 50, 3], [40, 50], [40, 50]]}',
        b'{"shapes": [[1000000, 1000000, 3]]}',
        b'{"code": "made_up"}',
        b'{"code": "too_small", "numbers": {"width": 1}}',
        b'{"code": "broken_image", "numbers": {"image": 1}}',
        b'{"code": "huge_image", "numbers": {"limit": 1%s}}' % (b"0" * 400),
    ],
)
async def test_nonsense_from_a_decoder_is_a_refusal(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has taken a decoder over can say what it likes."""
    await photo_is_decoded()
    child, theirs, told = await taken_over()
    monkeypatch.setattr(fork_client.SERVER, "fork", lambda _deadline: child)
    with theirs, told:
        say(theirs, head)
        theirs.sendall(bytes(40 * 50 * 5))
        told.sendall(ENDED)
        assert (await refusal(png(40, 40))).code == ErrorCode.BROKEN_IMAGE


@pytest.mark.parametrize("tries", [1, 2])
async def test_a_decoder_without_a_thread_says_nothing_of_the_picture(
    tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await photo_is_decoded()
    fork, begun = fork_client.SERVER.fork, [await taken_over() for _ in range(tries)]
    children = [child for child, _, _ in begun]
    monkeypatch.setattr(
        fork_client.SERVER, "fork", lambda until: children.pop(0) if children else fork(until)
    )
    for _, theirs, _ in begun:
        say(theirs, b'{"code": "busy"}')
    if tries == 1:
        await sandbox.decode(png(40, 40), "style")
    else:
        assert (await refusal(png(40, 40))).code == ErrorCode.BUSY
    for _, theirs, told in begun:
        theirs.close()
        told.close()


async def test_a_decoder_of_whose_end_nobody_tells_says_nothing_of_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await photo_is_decoded()
    monkeypatch.setattr(fork_client, "END_SECONDS", 0.05)
    fork, begun = fork_client.SERVER.fork, [await taken_over()]
    (_, theirs, told), *_ = begun
    monkeypatch.setattr(fork_client.SERVER, "fork", lambda until: begun.pop()[0] if begun else fork(until))
    say(theirs)
    theirs.shutdown(socket.SHUT_WR)
    await sandbox.decode(png(40, 40), "style")
    theirs.close()
    told.close()


async def test_a_picture_is_not_called_huge_while_the_machine_has_no_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "machine_has", lambda _count: False)
    assert (await refusal(png(*LARGEST), Limits(memory_bytes=64 * 10**6))).code == ErrorCode.BUSY


ENDED = b'{"exit": 0, "cpu_seconds": 0.1, "peak_bytes": 1}'


async def taken_over() -> tuple[fork_client.Child, socket.socket, socket.socket]:
    """A child that says what we like, with the socket on which it speaks and the one on which its end is told."""
    ours, theirs = socket.socketpair()
    ending, told = socket.socketpair()
    return fork_client.Child(ours, ending, await asyncio.to_thread(_nobody)), theirs, told


def say(theirs: socket.socket, *heads: bytes) -> None:
    """That it is there, and then what it has found."""
    for text in (b'{"missing": []}', *heads):
        theirs.sendall(HEAD.pack(len(text)) + text)


def _nobody() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process


def confined(script: str) -> str:
    """What a process of its own prints."""
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


WITHOUT_A_THREAD = """
import json, resource, socket, sys
from pathlib import Path
from engine.images import confinement, decoder_child
data = Path(sys.argv[1]).read_bytes()
ours, theirs = socket.socketpair()
text = json.dumps({"work": "picture", "bytes": len(data), "which": "content", "long_side": None}).encode()
ours.sendall(decoder_child.HEAD.pack(len(text)) + text + data)
confinement._become_nobody()
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
print(decoder_child._work(theirs.fileno(), confinement.DEFAULT)[0]["code"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="others count processes alone")
def test_a_picture_for_which_no_thread_can_be_started_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "sound.heic"
    Image.new("RGB", (64, 48)).save(path, "HEIF")
    done = confined(WITHOUT_A_THREAD.replace("sys.argv[1]", repr(str(path))))
    assert done.strip() == ErrorCode.BUSY


UNCOUNTED = """
import mmap
from engine.images import confinement
confinement.confine(confinement.DEFAULT)
for flags in (mmap.MAP_SHARED, mmap.MAP_PRIVATE | 0x100):  # MAP_GROWSDOWN
    try:
        mmap.mmap(-1, 2**30, flags=flags | mmap.MAP_ANONYMOUS)
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no filter")
@pytest.mark.skipif(find_library("seccomp") is None, reason="libseccomp is not installed")
def test_a_decoder_gets_no_memory_beside_its_limit() -> None:
    assert confined(UNCOUNTED).split() == ["PermissionError"] * 2


WITHOUT_A_PROCESS = """
import os, socket, sys
from engine.images import fork_server
def none():
    raise BlockingIOError
os.fork = none
fork_server.main(socket.socket(fileno=int(sys.argv[1])))
"""


def test_a_fork_server_that_gets_no_process_says_so_and_goes_on() -> None:
    """It may have other children, who are none the worse for it."""
    control, theirs = socket.socketpair()
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WITHOUT_A_PROCESS, str(theirs.fileno())]
    with control, subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()]) as server:
        theirs.close()
        assert control.recv(1) == b"r"
        for _ in range(2):
            talk, theirs_talk = socket.socketpair()
            ending, theirs_ending = socket.socketpair()
            with talk, ending:
                with theirs_talk, theirs_ending:
                    socket.send_fds(control, [b"f"], [theirs_talk.fileno(), theirs_ending.fileno()])
                assert json.loads(ending.recv(4096))["exit"] == -signal.SIGKILL
                assert talk.recv(1) == b""
        control.close()
        assert server.wait() == 0
