"""Bytes to pixels and back: the only package that opens or writes an image file.

Everything after it sees a `Picture`: upright 8-bit sRGB and, where there is any transparency, an alpha
channel, or an `Animation` of them; everything before it is a stranger's bytes. It keeps three rules. What can
be refused from the size, the first bytes or the header is refused before a pixel is decoded. Whatever Pillow
makes of a file, the answer is a `Picture`, an `Animation`, a mask or a `Refusal`. And an image is written from
its array alone, so that nothing of the original file (place, camera, comments, colour profile) can leave with
it; the only text inside says how it was painted.

A hostile file can still exhaust memory or time: strangers' bytes go through `engine.images.sandbox`, which decodes in
a child process with limits.
"""

from engine.images.animation_encoder import encode_animation
from engine.images.bleeding import bleed
from engine.images.comparison import compare
from engine.images.decoder import count_frames, decode, decode_animation, decode_content, decode_mask
from engine.images.encoder import encode, encode_mask, encode_quickly, encode_within, jpeg_preview
from engine.images.fit import Fitted, fit_animation, fit_png, fit_still, rendition_of
from engine.images.interest import best_cut
from engine.images.metadata import parse_provenance, read_provenance, read_text
from engine.images.palette import main_colours
from engine.images.sheet import contact_sheet
from engine.images.types import Animation, Picture, contain, crop, pad, resize, shrink, shrink_mask
