"""What the numbers of a pixel mean, and the same colours in 8-bit sRGB.

A file says it by an ICC profile, or by code points (ITU-T H.273), or by a gamma and chromaticities. Rule: shown is
what browsers show; what a file says wrongly counts for nothing, and what says nothing is sRGB.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Floats = NDArray[np.float64]

PQ, HLG = 16, 18  # transfer characteristics of H.273
_LINEAR = 8
_GAMMAS = {4: 2.2, 5: 2.8, _LINEAR: 1.0}  # all others of H.273 are shown by sRGB's curve, as by browsers
_SRGB_GAMMA, _CLOSE = 2.2, 0.05  # how far a gamma may be from sRGB's and still mean it, as in libpng

_D65, _DCI = (0.3127, 0.3290), (0.314, 0.351)
_C, _E = (0.310, 0.316), (1 / 3, 1 / 3)
_SRGB_CORNERS = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_P3_CORNERS = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
# Colour primaries of H.273: the white point, then red, green and blue.
_PRIMARIES = {
    1: (_D65, *_SRGB_CORNERS),
    4: (_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    8: (_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    10: (_E, (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)),
    11: (_DCI, *_P3_CORNERS),
    12: (_D65, *_P3_CORNERS),
    22: (_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

_SDR_WHITE = 203.0  # cd/m2 of a white page in HDR, ITU-R BT.2408
_HDR_PEAK = 1000.0 / _SDR_WHITE  # what is brighter is white
_KNEE = 0.75  # of the light of white: darker is shown as it is, brighter is pressed into what is left
_SHADES_A_ROOT = 16_384
_BAND_PIXELS = 2**18  # that are floats at once

_MODE_OF_PROFILE = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


@dataclass(frozen=True)
class Encoding:
    """What three numbers mean that no profile explains; `gamma` is None where it is sRGB's curve or `transfer`.

    corners: chromaticities of white, red, green and blue. transfer: PQ or HLG, else 0.
    """

    corners: tuple[tuple[float, float], ...] = _PRIMARIES[1]
    gamma: float | None = None
    transfer: int = 0

    @classmethod
    def of_code_points(cls, primaries: int, transfer: int) -> "Encoding":
        """What two code points of H.273 say; unknown ones are sRGB's."""
        hdr = transfer if transfer in (PQ, HLG) else 0
        return cls(_PRIMARIES.get(primaries, _PRIMARIES[1]), _GAMMAS.get(transfer), hdr)

    @classmethod
    def of_gamma(cls, gamma: float, corners: tuple[tuple[float, float], ...] | None = None) -> "Encoding":
        """What an exponent of a display and chromaticities say; near 2.2 it is sRGB's curve that is meant."""
        close = abs(gamma / _SRGB_GAMMA - 1) <= _CLOSE
        return cls(corners or _PRIMARIES[1], None if close else gamma)

    @property
    def is_srgb(self) -> bool:
        """Whether there is nothing to convert."""
        return (
            self.gamma is None
            and not self.transfer
            and bool(np.allclose(self.corners, _PRIMARIES[1], atol=2e-3))
        )


def to_srgb(image: Image.Image, icc: bytes | None, encoding: Encoding | None = None) -> Image.Image:
    """The image, of 8 bits and without alpha, in sRGB; a profile counts for more than an encoding."""
    if icc and (converted := _by_profile(image, icc)):
        return converted
    image = image if image.mode == "RGB" else image.convert("RGB")
    if encoding is None or encoding.is_srgb:
        return image
    if encoding.transfer:
        return _tone_mapped(image, encoding)
    profile = _profile(encoding)
    return (profile and _by_profile(image, profile)) or image


def _by_profile(image: Image.Image, icc: bytes) -> Image.Image | None:
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        mode = _MODE_OF_PROFILE.get(profile.profile.xcolor_space)
        source = image if image.mode == mode else image.convert("RGB")
        if source.mode != mode:
            return None
        return ImageCms.profileToProfile(source, profile, _srgb(), outputMode="RGB") or source
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None  # a damaged profile is no reason to turn down good pixels


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _to_xyz(corners: tuple[tuple[float, float], ...]) -> Floats:
    """RGB to XYZ (3, 3), white being of luminance 1. Raises LinAlgError if they span no colours."""
    white, *primaries = (np.array([x, y, 1 - x - y]) for x, y in corners)
    columns = np.stack(primaries, axis=1)
    return columns * np.linalg.solve(columns, white / white[1])


def _profile(encoding: Encoding) -> bytes | None:
    """An encoding as an ICC profile of version 4; None if its chromaticities make no sense."""
    try:
        to_xyz = _to_xyz(encoding.corners)
        white = _BRADFORD @ to_xyz.sum(1)
        to_d50 = np.linalg.solve(_BRADFORD, (_BRADFORD @ _D50 / white)[:, None] * _BRADFORD) @ to_xyz
        tags = {b"wtpt": _xyz(_D50)}
        tags |= {
            name + b"XYZ": _xyz(column) for name, column in zip((b"r", b"g", b"b"), to_d50.T, strict=True)
        }
        curve = _curve(encoding.gamma)
    except (ArithmeticError, ValueError, struct.error):  # LinAlgError is a ValueError
        return None
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(body), 0x04300000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return head.ljust(68, b"\0") + _xyz(_D50)[8:].ljust(60, b"\0") + table + body


def _xyz(values: Floats) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *np.rint(values * 65536).astype(int).tolist())


def _curve(gamma: float | None) -> bytes:
    kind, values = (0, (gamma,)) if gamma else (3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    return b"para\0\0\0\0" + struct.pack(f">HH{len(values)}i", kind, 0, *(round(v * 65536) for v in values))


# --- high dynamic range ---------------------------------------------------------------------------------------


def _tone_mapped(image: Image.Image, encoding: Encoding) -> Image.Image:
    """From PQ or HLG to what of it a page of white paper can show: dark and middle tones stay as they are."""
    codes = np.asarray(image)
    shown = np.empty_like(codes)
    to_xyz = _to_xyz(encoding.corners)
    to_srgb = np.asarray(np.linalg.inv(_to_xyz(_PRIMARIES[1])) @ to_xyz, np.float32)
    luminance = np.asarray(to_xyz[1], np.float32)
    light_of, shades = _LIGHT[encoding.transfer], _shades()
    rows = max(_BAND_PIXELS // codes.shape[1], 1)
    for top in range(0, len(codes), rows):
        light = [np.take(light_of, codes[top : top + rows, :, channel]) for channel in range(3)]
        if encoding.transfer == HLG:  # the rest of its curve: a display of 1000 cd/m2 makes it steeper
            gain = _HDR_PEAK * _mixed(light, luminance).clip(1e-9) ** np.float32(0.2)
            light = [gain * plane for plane in light]
        for channel, weights in enumerate(to_srgb):
            mixed = _mixed(light, weights)
            steps = np.sqrt(np.clip(mixed, 0, _HDR_PEAK, out=mixed), out=mixed)
            steps *= np.float32(_SHADES_A_ROOT)
            shown[top : top + rows, :, channel] = np.take(shades, steps.astype(np.uint16))
    return Image.fromarray(shown)


def _mixed(planes: Sequence[NDArray[np.float32]], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    # Not by a product of matrices, whose library starts threads for it.
    mixed: NDArray[np.float32] = planes[0] * weights[0]
    for plane, weight in zip(planes[1:], weights[1:], strict=True):
        mixed += plane * weight
    return mixed


@cache
def _shades() -> NDArray[np.uint8]:
    """What is shown of light: 8-bit sRGB by its square root in steps."""
    light = (np.arange(_SHADES_A_ROOT * np.sqrt(_HDR_PEAK) + 1) / _SHADES_A_ROOT) ** 2
    pressed = np.clip(_pressed(light), 0, 1)
    codes = np.where(pressed <= 0.0031308, 12.92 * pressed, 1.055 * pressed ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * codes), np.uint8)


def _pressed(light: Floats) -> Floats:
    """Light, 1 being white, below 1: beyond the knee as Reinhard et al. (2002), equation 4, has it."""
    room = 1 - _KNEE
    over, peak = np.maximum(light - _KNEE, 0) / room, (_HDR_PEAK - _KNEE) / room
    return np.minimum(light, _KNEE) + room * over * (1 + over / peak**2) / (1 + over)


def _light_of_pq(codes: Floats) -> Floats:
    """SMPTE ST 2084; 1 is the white of a page."""
    root = codes ** (32 / 2523)
    share = (np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)
    return 10_000 / _SDR_WHITE * share


def _light_of_hlg(codes: Floats) -> Floats:
    """ITU-R BT.2100, of the scene; 1 is the most there is."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - c) / a) + b) / 12)


_CODES = np.arange(256) / 255
_LIGHT = {PQ: _light_of_pq(_CODES).astype(np.float32), HLG: _light_of_hlg(_CODES).astype(np.float32)}
