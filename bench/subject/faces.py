"""Faces and persons, by the networks inside mediapipe's wheel: is a face still there, and are its parts in place.

Rule: what is looked for is where the content has it: a painting is not searched, but judged at that place.
"""

import importlib.util
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import Image

from bench.subject.layout import overlap
from bench.subject.verdicts import FaceVerdict
from engine.images import Picture

SURE = 0.5  # of a face, a person
MARGIN = 1.5  # of what the mesh is shown, over the box of the face
ANCHORS = ((16, 2), (8, 6))  # places a side, boxes at each
MODELS = {
    "detector": "face_detection/face_detection_short_range.tflite",
    "mesh": "face_landmark/face_landmark.tflite",
    "person": "selfie_segmentation/selfie_segmentation.tflite",
}

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels


class Networks:
    """The three, loaded once."""

    def __init__(self) -> None:
        # Looked up, not imported: mediapipe itself wants packages that nothing here needs.
        found = importlib.util.find_spec("mediapipe")
        if found is None or found.origin is None:
            raise ImportError("mediapipe is not installed, see `make bench-subject`")
        modules = Path(found.origin).parent / "modules"
        self._interpreters = {name: _interpreter(modules / path) for name, path in MODELS.items()}
        self._anchors = anchors()

    def run(self, name: str, image: Image.Image, *, signed: bool = False) -> list[NDArray[np.float32]]:
        """The outputs for an image, which is scaled to what the network takes, from 0 to 1 or from -1 to 1."""
        interpreter = self._interpreters[name]
        (entry,) = interpreter.get_input_details()
        _, height, width, _ = entry["shape"]
        values = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), np.float32) / 255
        interpreter.set_tensor(entry["index"], (values * 2 - 1 if signed else values)[None])
        interpreter.invoke()
        return [interpreter.get_tensor(each["index"])[0] for each in interpreter.get_output_details()]

    def face(self, picture: Picture) -> Box | None:
        """The box of the surest face, with its margin, if there is one."""
        side = max(picture.width, picture.height)
        boxes, scores = self.run("detector", _cut(picture, (0, 0, side, side)), signed=True)
        best = int(scores[:, 0].argmax())
        if _sigmoid(float(scores[best, 0])) < SURE:
            return None
        x, y = self._anchors[best] + boxes[best, :2] / 128
        half = float(boxes[best, 2:4].max()) / 128 / 2 * MARGIN
        left, top, right, bottom = (float(each) * side for each in (x - half, y - half, x + half, y + half))
        return left, top, right, bottom

    def mesh(self, picture: Picture, box: Box) -> tuple[NDArray[np.float32], float]:
        """The face's points (468, 2), as shares of the box, and how sure the network is."""
        outputs = self.run("mesh", _cut(picture, box))
        points = next(each for each in outputs if each.size > 1).reshape(-1, 3)[:, :2] / np.float32(192)
        flag = next(each for each in outputs if each.size == 1)
        return points, _sigmoid(float(flag.reshape(())))

    def person(self, picture: Picture) -> NDArray[np.bool_]:
        """Where a person is (256, 256)."""
        (mask,) = self.run("person", Image.fromarray(picture.rgb))
        return mask[..., 0] > SURE


class FaceJudge:
    """Judges pictures of one content with a face, all of its size."""

    def __init__(self, networks: Networks, content: Picture, box: Box) -> None:
        self._networks, self._box = networks, box
        self._points, _ = networks.mesh(content, box)
        self._person = networks.person(content)

    def judge(self, picture: Picture) -> FaceVerdict:
        """The face at the content's place."""
        points, score = self._networks.mesh(picture, self._box)
        width = float(np.ptp(self._points[:, 0]))
        distance = float(np.linalg.norm(points - self._points, axis=1).mean())
        return FaceVerdict(score, distance / width, overlap(self._person, self._networks.person(picture)))


def anchors() -> NDArray[np.float64]:
    """Centres (896, 2) that the detector's boxes are relative to, from 0 to 1."""
    found = []
    for side, count in ANCHORS:
        steps = (np.arange(side) + 0.5) / side
        y, x = np.meshgrid(steps, steps, indexing="ij")
        found.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), count, axis=0))
    return np.concatenate(found)


def _interpreter(path: Path) -> Interpreter:
    loaded = Interpreter(model_path=str(path), num_threads=1)
    loaded.allocate_tensors()
    return loaded


def _cut(picture: Picture, box: Box) -> Image.Image:
    """What is in the box; black where that is outside of the picture."""
    left, top, right, bottom = (round(each) for each in box)
    return Image.fromarray(picture.rgb).crop((left, top, right, bottom))


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))
