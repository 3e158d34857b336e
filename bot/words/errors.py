"""How the bot says no, and what it adds to a result: the sentences of the engine's codes, for members.

Rule: one table of errors and one of notes, each of all codes; the facts are the protocol's. No name of a field of
the wire stands in a sentence.
"""

from engine.protocol import IMAGE_FORMATS, IMAGES, ErrorCode, Note, NoteCode, Problem, Refusal, spell

_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth"}
_KINDS = {
    "content": "picture",
    "style": "style image",
    "mask": "mask",
    "previous": "earlier result",
    "request": "request",
    "painting": "painting",
    "study": "study",
    "snapshot": "moment",
}

ERROR_SENTENCES: dict[ErrorCode, str] = {
    ErrorCode.NOT_AN_IMAGE: f"The {{image:image}} is not an image I can read: send {IMAGE_FORMATS}.",
    ErrorCode.BROKEN_IMAGE: (
        "The {image:image} is damaged and cannot be decoded: please save it again and resend."
    ),
    ErrorCode.TOO_MANY_BYTES: "The {image:image} is {size:MB} MB large, and the limit is {limit:MB limit} MB.",
    ErrorCode.TOO_MANY_PIXELS: (
        "The {image:image} has {width} x {height} pixels, and the limit is {limit:MP} megapixels: "
        "please scale it down."
    ),
    ErrorCode.TOO_MANY_FRAMES: "The {image:image} is an animation of {frames} frames, and the limit is {limit}.",
    ErrorCode.TOO_SMALL: "The {image:image} has {width} x {height} pixels, and each side needs at least {limit}.",
    ErrorCode.BLACK_MASK: "The {image:image} is black all over, so its style would be nowhere in the picture.",
    ErrorCode.NO_STYLE: "Choose a style: attach a style image or pick one of the paintings.",
    ErrorCode.TOO_MANY_STYLES: "At most {limit} styles can be mixed in one picture.",
    ErrorCode.UNKNOWN_STYLE: "There is no style called “{name}” here.",
    ErrorCode.BAD_REQUEST: "The painting engine did not understand what I asked of it; please try it another way.",
    ErrorCode.TOO_SLOW: "Your pictures took too long to reach the painting engine: please try again.",
    ErrorCode.BAD_TOKEN: (
        "The engine does not accept this bot's token: its owner needs to check the configuration."
    ),
    ErrorCode.NOT_FOUND: "There is nothing by that name here (any more).",
    ErrorCode.KEY_REUSED: "This request was already sent with other contents.",
    ErrorCode.QUEUE_FULL: "The queue is full with {waiting} in it: please try again in about {minutes} min.",
    ErrorCode.USER_QUEUE_FULL: (
        "You already have {waiting} in the queue: please wait for one of your pictures to finish."
    ),
    ErrorCode.GROUP_QUEUE_FULL: (
        "This server already has {waiting} in the queue: please wait for one of its pictures to finish."
    ),
    ErrorCode.STORAGE_FULL: "The engine's disk is full, so no new pictures can be taken at the moment.",
    ErrorCode.NOT_READY: "The engine is still starting: please try again in a moment.",
    ErrorCode.NOT_PAINTED_YET: "This picture is not painted yet.",
    ErrorCode.NO_RECIPE: (
        "This picture does not say how it was made: it was not painted here, or something has removed its recipe."
    ),
    ErrorCode.WORKER_LOST: (
        "The painting failed {attempts} times, so it was given up: please try another picture or size."
    ),
    ErrorCode.OUT_OF_MEMORY: (
        "The picture needs more memory than the engine has: please try a smaller size."
    ),
    ErrorCode.BAD_WEIGHTS: "The painting engine cannot load its network: its owner needs to look at its log.",
    ErrorCode.INTERNAL: "Something went wrong in the engine; the details are in its log.",
}
NOTE_SENTENCES: dict[NoteCode, str] = {
    NoteCode.FLAT_STYLE: "The {image:image} has hardly any colour or structure, so there is little style to take.",
    NoteCode.MASK_RESIZED: (
        "The {image:image} had another shape than the picture ({width} x {height}) and was resized to it."
    ),
    NoteCode.SMALLER_FOR_MEMORY: (
        "The engine has not enough memory for {wanted} pixels, so it is painted at {size}."
    ),
    NoteCode.FRAMES_THINNED: "The animation has {frames} frames, of which {painted} are painted.",
    NoteCode.SMALLER_FOR_FRAMES: "An animation is painted at {limit} pixels at most, and so is this one.",
    NoteCode.OVER_BYTES: "It could not be made smaller than {size:KB} KB, and {preset} may have {limit:KB} KB.",
}


def _named(image: str) -> str:
    kind, _, number = image.partition("-")
    return f"{_ORDINALS[number]} {_KINDS[kind]}" if number else _KINDS[kind]


IMAGE_NAMES = {image: _named(image) for image in IMAGES}


def sentence(error: Problem | Refusal) -> str:
    """An error of the engine's, or of the door's, as a member reads it."""
    return spell(ERROR_SENTENCES[error.code], error.facts, IMAGE_NAMES)


def note_sentence(note: Note) -> str:
    """A note as a member reads it."""
    return spell(NOTE_SENTENCES[note.code], note.facts, IMAGE_NAMES)
