"""One picture against its content: what two classifiers, saliency, segments and lights say of it."""

import numpy as np

from bench.subject import layout
from bench.subject.classifiers import Classifier, Seen
from bench.subject.segments import segments
from bench.subject.verdicts import Verdict
from engine.images import Picture

TOP = 5


class SubjectJudge:
    """Judges pictures of one content, all of its size."""

    def __init__(self, classifiers: list[Classifier], content: Picture) -> None:
        self._classifiers = classifiers
        self._content = [each.see(content) for each in classifiers]
        self._segments = segments(content.rgb)
        self._lights, self._saliency = layout.lights(content.rgb), layout.saliency(content.rgb)

    def judge(self, picture: Picture) -> Verdict:
        """All but faces."""
        seen = [each.see(picture) for each in self._classifiers]
        pairs = list(zip(self._content, seen, strict=True))
        return Verdict(
            where=float(np.mean([layout.similarity(a.features, b.features) for a, b in pairs])),
            p5=float(np.mean([_share(a, b) for a, b in pairs])),
            rank5=float(np.exp(np.mean([np.log(layout.best_rank(b.logits, _top(a))) for a, b in pairs]))),
            cam=float(np.mean([_activation(a, b) for a, b in pairs])),
            sal=layout.correlation(self._saliency, layout.saliency(picture.rgb)),
            luma=layout.correlation(self._lights, layout.lights(picture.rgb)),
            colour=layout.explained(layout.local_colour(picture.rgb), self._segments),
            texture=layout.explained(layout.local_texture(picture.rgb), self._segments),
        )


def _top(content: Seen) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.argsort(-content.logits)[:TOP].astype(np.int64)


def _share(content: Seen, picture: Seen) -> float:
    top = _top(content)
    return float(picture.probabilities[top].sum() / content.probabilities[top].sum())


def _activation(content: Seen, picture: Seen) -> float:
    label = int(_top(content)[0])
    return layout.correlation(content.activation(label), picture.activation(label))
