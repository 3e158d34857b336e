"""Odd files, each with what a browser shows of it: the golden set. Where its value is from stands beside it."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from engine import images
from engine.images import Picture
from engine.images.boxes import code_points, first_of_sequence, with_sizes
from engine.images.plugins import open_image
from engine.protocol import ErrorCode, ImageFormat, Refusal
from tests.engine.images.pngs import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGBA,
    SIGNATURE,
    chunk,
    header,
    packed,
    still,
)

ODDITIES = Path(__file__).parent / "oddities"
Colour = tuple[int, int, int]
RED: Colour = (255, 0, 0)
SIDE = 40


def decode(data: bytes) -> Picture:
    return images.decode(data, "content")


def flat(value: Any, channels: int, dtype: Any = np.uint8) -> NDArray[Any]:
    return np.full((SIDE, SIDE, channels), value, dtype)


def saved(image: Image.Image, format_: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def assert_shows(data: bytes, colour: tuple[float, ...], tolerance: float = 1) -> None:
    picture = decode(data)
    np.testing.assert_allclose(picture.rgb.mean((0, 1)), colour, atol=tolerance)


# --- files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "size", "colour"),
    [
        ("no_end.jpg", (64, 64), RED),
        ("comment_checksum.png", (32, 32), RED),
        ("turned_by_xmp.jpg", (64, 32), RED),
        ("gamma_1.png", (32, 32), (128, 128, 128)),
    ],
)
def test_files_that_every_viewer_shows(name: str, size: tuple[int, int], colour: Colour) -> None:
    picture = decode((ODDITIES / name).read_bytes())
    assert (picture.width, picture.height) == size
    np.testing.assert_allclose(picture.rgb[0, 0], colour, atol=2)


@pytest.mark.parametrize("name", ["grey4_transparent.png", "rgb16_transparent.png"])
def test_files_that_are_transparent_all_over(name: str) -> None:
    alpha = decode((ODDITIES / name).read_bytes()).alpha
    assert alpha is not None
    assert alpha.max() == 0


# --- PNG: what is transparent ----------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("above", [0, 1])
def test_one_grey_of_any_depth_is_transparent(depth: int, above: int) -> None:
    most = 2**depth - 1
    hidden = most // 2
    samples = np.resize(np.arange(most + 1), (SIDE, SIDE, 1))
    if depth == 16:
        samples = np.resize(np.arange(hidden - 5, hidden + 5), (SIDE, SIDE, 1))
    said = hidden if depth == 16 else hidden + above * (most + 1)  # bits beyond the depth count for nothing
    picture = decode(still(samples, GREY, chunk(b"tRNS", struct.pack(">H", said)), depth=depth))
    assert picture.alpha is not None
    np.testing.assert_array_equal(picture.alpha, np.where(samples[..., 0] == hidden, 0, 255))
    np.testing.assert_array_equal(picture.rgb[..., 0], np.rint(samples[..., 0] * 255 / most))


@pytest.mark.parametrize("depth", [8, 16])
def test_one_rgb_of_any_depth_is_transparent(depth: int) -> None:
    hidden = (17, 18, 19) if depth == 8 else (0x1234, 0x5678, 0x9ABC)
    samples = flat(hidden, 3, np.uint16)
    for column in range(3):
        samples[:, column, column] += 1  # of 16 bits the low byte alone
    picture = decode(still(samples, RGB, chunk(b"tRNS", struct.pack(">3H", *hidden)), depth=depth))
    assert picture.alpha is not None
    np.testing.assert_array_equal(picture.alpha[0], [255] * 3 + [0] * (SIDE - 3))


def test_a_list_of_alphas_that_is_longer_than_the_palette_counts_for_nothing() -> None:
    palette, alphas = chunk(b"PLTE", bytes([9, 8, 7, 200, 0, 0])), chunk(b"tRNS", bytes(3))
    assert decode(still(flat(1, 1), PALETTE, palette, alphas)).alpha is None
    alphas = chunk(b"tRNS", bytes([255, 90]))
    picture = decode(still(flat(1, 1), PALETTE, palette, alphas))
    assert picture.alpha is not None
    assert (tuple(picture.rgb[0, 0]), picture.alpha[0, 0]) == ((200, 0, 0), 90)


@pytest.mark.parametrize("colour", [GREY_ALPHA, RGBA])
def test_what_has_an_alpha_channel_has_no_transparent_colour(colour: int) -> None:
    channels = 2 if colour == GREY_ALPHA else 4
    data = still(flat(255, channels), colour, chunk(b"tRNS", struct.pack(">3H", 255, 255, 255)))
    assert decode(data).alpha is None


# --- PNG: what is damaged and shown ----------------------------------------------------------------------------


def damaged(kind: bytes, body: bytes) -> bytes:
    return chunk(kind, body)[:-4] + b"\0\0\0\0"


SHOWN = {
    "comment": damaged(b"tEXt", b"Comment\0holiday"),
    "profile": damaged(b"iCCP", b"x\0\0nonsense"),
    "transparency": damaged(b"tRNS", struct.pack(">3H", *RED)),
    "gamma": damaged(b"gAMA", struct.pack(">I", 100_000)),
    "camera": damaged(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
    "unknown": damaged(b"abCd", b"whatever"),
    "animation": damaged(b"acTL", struct.pack(">II", 5, 0)),
    "short transparency": chunk(b"tRNS", b"\0"),
    "short gamma": chunk(b"gAMA", b"\0"),
    "no gamma": chunk(b"gAMA", bytes(4)),
    "short resolution": chunk(b"pHYs", b"\0"),
    "short code points": chunk(b"cICP", b"\x09"),
    "code points of another matrix": chunk(b"cICP", bytes([9, 16, 9, 1])),
    "no animation": chunk(b"acTL", bytes(8)),
    "short animation": chunk(b"acTL", bytes(2)),
    "text packed in an unknown way": chunk(b"zTXt", b"Comment\0\x07nonsense"),
    "profile packed in an unknown way": chunk(b"iCCP", b"x\0\x07nonsense"),
    "large text": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2**21))),
    "large profile": chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(2**24))),
    "chromaticities alone": chunk(
        b"cHRM", struct.pack(">8I", 31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600)
    ),
    "chromaticities of nothing": chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cHRM", bytes(32)),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_chunk_that_is_no_pixels_spoils_no_picture(name: str) -> None:
    picture = decode(still(flat(RED, 3), RGB, SHOWN[name]))
    np.testing.assert_array_equal(picture.rgb[0, 0], RED)
    assert picture.alpha is None
    after = decode(still(flat(RED, 3), RGB, after=SHOWN[name]))
    np.testing.assert_array_equal(after.rgb, picture.rgb)


def test_a_png_without_an_end_is_shown_and_one_cut_in_its_pixels_is_damaged() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    data = still(noise, RGB)
    np.testing.assert_array_equal(decode(data[:-16]).rgb, noise)  # neither a checksum nor IEND
    with pytest.raises(Refusal, match="broken_image"):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE"])
def test_a_damaged_header_or_palette_is_damage(kind: bytes) -> None:
    data = bytearray(still(flat(0, 1), PALETTE, chunk(b"PLTE", bytes(6))))
    data[data.index(kind) + 5] ^= 1
    with pytest.raises(Refusal):
        decode(bytes(data))


def test_a_million_chunks_are_refused() -> None:
    head, end = SIGNATURE + header(SIDE, SIDE, 8, RGB), chunk(b"IDAT", packed(flat(RED, 3)))
    with pytest.raises(Refusal, match="broken_image"):
        decode(head + chunk(b"abCd", b"") * 1_000_000 + end)


# --- what the colours are --------------------------------------------------------------------------------------

CODE_POINTS = {"P3": 12, "BT.2020": 9, "BT.709": 1}
# From each to sRGB's primaries, in linear light: CSS Color 4, and ITU-R BT.2087.
FROM = {
    "P3": np.array([[1.22494, -0.22494, 0], [-0.04206, 1.04206, 0], [-0.01964, -0.07864, 1.09827]]),
    "BT.2020": np.array(
        [[1.66049, -0.58764, -0.07285], [-0.12455, 1.13290, -0.00835], [-0.01815, -0.10058, 1.11873]]
    ),
    "BT.709": np.eye(3),
}
CHROMATICITIES = {
    "P3": (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000),
    "BT.2020": (31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600),
    "BT.709": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
}
SAMPLES = [(200, 120, 90), (90, 140, 100), (128, 128, 128), (30, 20, 25), (255, 255, 255), (0, 0, 0)]


def light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB's curve: IEC 61966-2-1."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def code(light: NDArray[np.float64]) -> NDArray[np.float64]:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def right(colour: Colour, space: str, gamma: float | None = None) -> tuple[float, ...]:
    given = np.array(colour) / 255
    linear = light(given) if gamma is None else given**gamma
    return tuple(255 * code(FROM[space] @ linear))


def gamma_chunk(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(100_000 / gamma)))


def primaries_chunk(space: str) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *CHROMATICITIES[space]))


@pytest.mark.parametrize("colour", SAMPLES)
@pytest.mark.parametrize("gamma", [1.0, 1.4, 1.8, 2.6])
def test_the_gamma_of_a_png_is_followed(colour: Colour, gamma: float) -> None:
    assert_shows(still(flat(colour, 3), RGB, gamma_chunk(gamma)), right(colour, "BT.709", gamma))
    with_alpha = still(flat((*colour, 128), 4), RGBA, gamma_chunk(gamma))
    assert_shows(with_alpha, right(colour, "BT.709", gamma))
    alpha = decode(with_alpha).alpha
    assert alpha is not None
    assert set(alpha.ravel()) == {128}


@pytest.mark.parametrize("value", [55, 128, 200])
def test_the_gamma_of_a_grey_png_is_followed(value: int) -> None:
    wanted = right((value,) * 3, "BT.709", 1.0)
    assert_shows(still(flat(value, 1), GREY, gamma_chunk(1)), wanted)
    assert_shows(still(flat(value * 257, 1, np.uint16), GREY, gamma_chunk(1), depth=16), wanted)
    palette = chunk(b"PLTE", bytes([value]) * 3)
    assert_shows(still(flat(0, 1), PALETTE, gamma_chunk(1), palette), wanted)


@pytest.mark.parametrize("gamma", [2.2, 2.15, 2.25])
def test_a_gamma_near_2_2_means_srgb(gamma: float) -> None:
    ramp = np.arange(SIDE * SIDE, dtype=np.uint8).reshape(SIDE, SIDE, 1).repeat(3, 2)
    for more in (b"", primaries_chunk("BT.709")):
        np.testing.assert_array_equal(decode(still(ramp, RGB, gamma_chunk(gamma), more)).rgb, ramp)


@pytest.mark.parametrize("colour", SAMPLES)
@pytest.mark.parametrize("space", ["P3", "BT.2020"])
def test_the_chromaticities_of_a_png_are_followed(colour: Colour, space: str) -> None:
    data = still(flat(colour, 3), RGB, gamma_chunk(2.2), primaries_chunk(space))
    assert_shows(data, right(colour, space))
    data = still(flat(colour, 3), RGB, gamma_chunk(1.8), primaries_chunk(space))
    assert_shows(data, right(colour, space, 1.8))


@pytest.mark.parametrize("colour", SAMPLES)
@pytest.mark.parametrize("space", CODE_POINTS)
@pytest.mark.parametrize("transfer", [1, 2, 13, 14, 8])
def test_the_code_points_of_a_png_are_followed(colour: Colour, space: str, transfer: int) -> None:
    said = chunk(b"cICP", bytes([CODE_POINTS[space], transfer, 0, 1]))
    assert_shows(still(flat(colour, 3), RGB, said), right(colour, space, 1.0 if transfer == 8 else None))


def test_what_counts_first_of_all_that_a_png_says() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(srgb))
    points, says_srgb, linear = chunk(b"cICP", bytes([1, 8, 0, 1])), chunk(b"sRGB", b"\0"), gamma_chunk(1)
    grey = flat(128, 3)
    assert_shows(still(grey, RGB, linear), (188,) * 3)
    assert_shows(still(grey, RGB, says_srgb, linear), (128,) * 3)
    assert_shows(still(grey, RGB, profile, linear), (128,) * 3)
    assert_shows(still(grey, RGB, points, profile, says_srgb), (188,) * 3)
    assert_shows(still(grey, RGB, chunk(b"iCCP", b"x\0\0damaged"), linear), (188,) * 3)


def test_what_a_png_says_after_its_pixels_counts_for_nothing() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, 2 * SIDE, 3), np.uint8)
    camera = chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")
    assert decode(still(noise, RGB, camera)).width == SIDE
    for late in (camera, gamma_chunk(1), chunk(b"cICP", bytes([9, 16, 0, 1]))):
        np.testing.assert_array_equal(decode(still(noise, RGB, after=late)).rgb, noise)


# --- high dynamic range ----------------------------------------------------------------------------------------


def pq(nits: float) -> int:
    """SMPTE ST 2084, in 8 bits."""
    power = (nits / 10_000) ** (2610 / 16384)
    share: float = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    return round(255 * share)


def hdr(colour: tuple[int, ...], primaries: int, transfer: int) -> bytes:
    return still(flat(colour, 3), RGB, chunk(b"cICP", bytes([primaries, transfer, 0, 1])))


@pytest.mark.parametrize("nits", [0, 1, 5, 20, 50, 100, 150])
def test_pq_is_as_bright_as_on_paper(nits: float) -> None:
    code_value = pq(nits)
    wanted = 255 * code(np.array(nits / 203))  # 203 is white: ITU-R BT.2408
    assert_shows(hdr((code_value,) * 3, 9, 16), (float(wanted),) * 3, tolerance=3)  # a step of 8-bit PQ


@pytest.mark.parametrize("transfer", [16, 18])
def test_brighter_is_brighter_up_to_white(transfer: int) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (SIDE, 1, 3))
    shown = decode(still(ramp, RGB, chunk(b"cICP", bytes([9, transfer, 0, 1])))).rgb[0].astype(int)
    assert np.ptp(shown, axis=1).max() == 0  # grey stays grey
    assert (np.diff(shown[:, 0]) >= 0).all()
    assert (shown[0, 0], shown[-1, 0]) == (0, 255)


def test_a_page_of_paper_is_nearly_white() -> None:
    for picture in (decode(hdr((pq(203),) * 3, 9, 16)), decode(hdr((191,) * 3, 9, 18))):
        assert 230 <= picture.rgb.min() <= picture.rgb.max() < 255


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 128, 0)])
def test_the_colours_of_srgb_in_pq_are_still_those(colour: Colour) -> None:
    linear = np.linalg.inv(FROM["BT.2020"]) @ light(np.array(colour) / 255)
    sent = tuple(pq(203 * float(channel)) for channel in linear)
    shown = decode(hdr(sent, 9, 16)).rgb[0, 0].astype(int)
    np.testing.assert_allclose(shown, np.array(colour) * (240 / 255), atol=14)


# --- AVIF and HEIC ---------------------------------------------------------------------------------------------


def with_code_points(data: bytes, primaries: int, transfer: int) -> bytes:
    place = data.index(b"colrnclx") + 8
    return data[:place] + struct.pack(">HH", primaries, transfer) + data[place + 4 :]


def boxed(colour: Colour, format_: str) -> bytes:
    options = {"subsampling": "4:4:4"} if format_ == "AVIF" else {"chroma": 444}
    return saved(Image.fromarray(flat(colour, 3)), format_, quality=100, **options)


@pytest.mark.parametrize("colour", [(200, 120, 90), (120, 140, 110), (128, 128, 128)])
@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
@pytest.mark.parametrize("space", CODE_POINTS)
def test_the_code_points_of_a_box_are_followed(colour: Colour, format_: str, space: str) -> None:
    data = with_code_points(boxed(colour, format_), CODE_POINTS[space], 13)
    assert code_points(data) == (CODE_POINTS[space], 13)
    assert_shows(data, right(colour, space), tolerance=3)


@pytest.mark.parametrize("format_", ["AVIF", "HEIF"])
def test_pq_in_a_box_is_as_bright_as_on_paper(format_: str) -> None:
    data = with_code_points(boxed((pq(50),) * 3, format_), 9, 16)
    assert_shows(data, (float(255 * code(np.array(50 / 203))),) * 3, tolerance=4)


def test_a_profile_counts_for_more_than_code_points() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = saved(Image.fromarray(flat((200, 120, 90), 3)), "AVIF", quality=100, icc_profile=srgb)
    assert_shows(plain, (200, 120, 90), tolerance=3)


def moving_avif() -> bytes:
    sheets = [Image.fromarray(flat(colour, 4)) for colour in ((200, 120, 90, 255), (90, 140, 100, 128))]
    return saved(sheets[0], "AVIF", quality=100, save_all=True, append_images=sheets[1:], duration=50)


def test_the_code_points_of_a_track_are_followed() -> None:
    data = moving_avif()
    data = data.replace(b"colrnclx" + struct.pack(">HH", 1, 13), b"colrnclx" + struct.pack(">HH", 12, 13))
    animation = images.decode_animation(data, "content", most=2)
    assert animation is not None
    np.testing.assert_allclose(animation.frames[0].rgb[9, 9], right((200, 120, 90), "P3"), atol=4)


def without_size_of_alpha() -> tuple[bytes, bytes]:
    """An AVIF with alpha as some programs write it, and as libavif wants it."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 4), np.uint8)
    data = saved(Image.fromarray(noise), "AVIF")
    held = bytes.fromhex("00020401058607")  # item 2 has four properties: ispe, pixi, av1C, auxC
    assert data.count(held) == 1
    return data.replace(held, bytes.fromhex("00020405058607")), data


def test_an_avif_whose_alpha_does_not_say_its_size_is_shown() -> None:
    odd, usual = without_size_of_alpha()
    with pytest.raises(SyntaxError):
        open_image(ImageFormat.AVIF, odd)
    assert with_sizes(usual) is None
    got, wanted = decode(odd), decode(usual)
    np.testing.assert_array_equal(got.rgb, wanted.rgb)
    np.testing.assert_array_equal(got.alpha, wanted.alpha)


def full(kind: bytes, *parts: bytes) -> bytes:
    return box(kind, bytes(4), *parts)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def heif_sequence(colour: Colour, brand: bytes) -> bytes:
    """A film of two HEVC pictures, without a still; the picture is taken from a HEIC of Pillow's."""
    single = saved(Image.fromarray(np.full((64, 96, 3), colour, np.uint8)), "HEIF", quality=90)
    place = single.index(b"hvcC") - 4
    setup = single[place : place + int.from_bytes(single[place : place + 4], "big")]
    sample = single[single.index(b"mdat") + 4 :]
    start = box(b"ftyp", brand, bytes(4), b"msf1hevciso8")

    def film(where: int) -> bytes:
        entry = box(
            b"hvc1", bytes(7), b"\1", bytes(16), struct.pack(">HHIIIH", 96, 64, 72 << 16, 72 << 16, 0, 1),
            bytes(32), struct.pack(">Hh", 24, -1), setup,
        )  # fmt: skip
        tables = box(
            b"stbl",
            full(b"stsd", struct.pack(">I", 1), entry),
            full(b"stts", struct.pack(">3I", 1, 2, 100)),
            full(b"stsc", struct.pack(">4I", 1, 1, 2, 1)),
            full(b"stsz", struct.pack(">4I", 0, 2, len(sample), len(sample))),
            full(b"stco", struct.pack(">2I", 1, where)),
        )
        media = box(b"mdia", full(b"hdlr", bytes(4), b"pict", bytes(13)), box(b"minf", tables))
        return box(b"moov", full(b"mvhd", bytes(96)), box(b"trak", full(b"tkhd", bytes(80)), media))

    where = len(start) + len(film(0)) + 8
    return start + film(where) + box(b"mdat", sample, sample)


@pytest.mark.parametrize("brand", [b"hevc", b"msf1"])
def test_the_first_picture_of_a_heif_sequence_is_shown(brand: bytes) -> None:
    data = heif_sequence((200, 40, 60), brand)
    assert first_of_sequence(data) is not None
    picture = decode(data)
    assert (picture.width, picture.height) == (96, 64)
    np.testing.assert_allclose(picture.rgb.mean((0, 1)), (200, 40, 60), atol=3)


@pytest.mark.parametrize("mend", [with_sizes, first_of_sequence, code_points])
def test_boxes_of_nonsense_are_survived(mend: Any) -> None:
    random = np.random.default_rng(0)
    for data in (without_size_of_alpha()[0], heif_sequence((1, 2, 3), b"hevc"), moving_avif()):
        for _ in range(200):
            changed = bytearray(data)
            for place in random.integers(0, min(len(data), 1200), 4):
                changed[place] = random.integers(0, 256)
            with suppress(struct.error):
                mend(bytes(changed))


# --- JPEG ------------------------------------------------------------------------------------------------------


def scene() -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)
    return np.asarray(Image.fromarray(noise).resize((96, 64), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 20}, {"subsampling": 0}])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_without_its_end_is_shown_in_full(options: dict[str, Any], mode: str) -> None:
    data = saved(Image.fromarray(scene()).convert(mode), "JPEG", **options)
    assert data.endswith(b"\xff\xd9")
    whole = decode(data).rgb
    np.testing.assert_array_equal(decode(data[:-2]).rgb, whole)
    np.testing.assert_array_equal(decode(data[:-1]).rgb, whole)
    np.testing.assert_array_equal(decode(data[:-2] + bytes(100)).rgb, whole)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 20}])
@pytest.mark.parametrize("part", [0.3, 0.5, 0.8, 0.95])
def test_a_jpeg_that_lacks_pixels_is_damaged(options: dict[str, Any], part: float) -> None:
    data = saved(Image.fromarray(scene()), "JPEG", **options)
    start = data.rindex(b"\xff\xda") + 20
    with pytest.raises(Refusal, match="broken_image"):
        decode(data[: start + int(part * (len(data) - start - 2))])


# --- who turned it ---------------------------------------------------------------------------------------------

UPRIGHT = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="1"/></x:xmpmeta>'
TURNED = UPRIGHT.replace(b'"1"', b'"6"')


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_orientation_in_xmp_is_not_followed(format_: str) -> None:
    image = Image.fromarray(scene())
    packet = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + TURNED)
    # Some writers would turn the picture in their own way, if they saw it.
    data = still(scene(), RGB, packet) if format_ == "PNG" else saved(image, format_, xmp=UPRIGHT)
    data = data.replace(UPRIGHT, TURNED)
    assert TURNED in data
    assert (decode(data).width, decode(data).height) == (96, 64)


def test_orientation_in_a_text_of_a_png_is_not_followed() -> None:
    camera = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    text = chunk(b"tEXt", b"Raw profile type exif\0\nexif\n%8d\n%s\n" % (len(camera), camera.hex().encode()))
    assert decode(still(scene(), RGB, text)).width == 96


def of_kind(marker: int, bits: int) -> bytes:
    """A JPEG whose frame says that it is of another kind."""
    data = bytearray(saved(Image.new("RGB", (SIDE, SIDE), RED), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 1], data[frame + 4] = marker, bits
    return bytes(data)


@pytest.mark.parametrize(("marker", "bits"), [(0xC0, 12), (0xC1, 12), (0xC3, 8), (0xC3, 16), (0xCB, 8)])
def test_a_jpeg_of_a_kind_that_is_not_read_is_not_called_damaged(marker: int, bits: int) -> None:
    with pytest.raises(Refusal) as refused:
        decode(of_kind(marker, bits))
    assert refused.value.code is ErrorCode.UNUSUAL_KIND


@pytest.mark.parametrize("bits", [0, 9, 255])
def test_a_jpeg_of_no_kind_at_all_is_damaged(bits: int) -> None:
    with pytest.raises(Refusal) as refused:
        decode(of_kind(0xC0, bits))
    assert refused.value.code is ErrorCode.BROKEN_IMAGE
