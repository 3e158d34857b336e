"""What the judges say of one picture."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """rank5: lower is better; all others: higher is.

    where: cosine of the classifiers' features place by place. p5: probability of the content's own five top classes, as a
    share of the content's. rank5: the best of their ranks. cam: is the content's top class seen in the same place.
    sal: correlation of saliency. luma: of lights and darks at 16 pixels. colour, texture: share of the variance of
    local colour and texture that the content's segments explain; low is wallpaper.
    """

    where: float
    p5: float
    rank5: float
    cam: float
    sal: float
    luma: float
    colour: float
    texture: float


@dataclass(frozen=True)
class FaceVerdict:
    """face: how sure the mesh is of a face, 0 to 1. landmarks: mean distance of its points, as a share of the face's width;
    lower is better. person: overlap (intersection over union) of the person's place.
    """

    face: float
    landmarks: float
    person: float
