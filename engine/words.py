"""What the engine says in English: the `message` of an HTTP answer, and what the command line prints.

Rule: one table of errors and one of notes, each of all codes; the facts are the protocol's.
"""

from engine.protocol import (
    IMAGE_FORMATS,
    Condition,
    ErrorBody,
    ErrorCode,
    Note,
    NoteCode,
    Problem,
    Refusal,
    image_names,
    spell,
)

IMAGE_NAMES = image_names(
    {
        "content": "picture",
        "style": "style image",
        "mask": "mask",
        "previous": "earlier result",
        "request": "request",
        "painting": "painting",
        "study": "study",
        "snapshot": "snapshot",
    },
    (
        *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
        *("eleventh", "twelfth", *(f"{n}th" for n in range(13, 21)), "21st", "22nd", "23rd", "24th"),
    ),
)

ERROR_SENTENCES: dict[ErrorCode, str] = {
    ErrorCode.NOT_AN_IMAGE: f"The {{image:image}} is not an image that can be read: it has to be a {IMAGE_FORMATS}.",
    ErrorCode.BROKEN_IMAGE: "The {image:image} is damaged and cannot be decoded: please save it again.",
    ErrorCode.UNUSUAL_KIND: (
        "The {image:image} is of a kind that hardly any program reads, as a JPEG of 12 bits or a lossless one is: save it as"
        " an ordinary JPEG or PNG."
    ),
    ErrorCode.TOO_MANY_BYTES: "The {image:image} is {size:MB} MB large, and the limit is {limit:MB limit} MB.",
    ErrorCode.TOO_MANY_PIXELS: "The {image:image} has {width} x {height} pixels, and the limit is {limit:MP} megapixels.",
    ErrorCode.TOO_MANY_FRAMES: "The {image:image} is an animation of {frames} frames, and the limit is {limit}.",
    ErrorCode.HEAVY_FORMAT: (
        "The {image:image} has {width} x {height} pixels, and the limit for a file of its kind is {limit:MP} megapixels:"
        " save it smaller, or as a JPEG."
    ),
    ErrorCode.SLOW_IMAGE: (
        "The {image:image} takes longer than {seconds} seconds to decode: save it smaller, or in another format."
    ),
    ErrorCode.HUGE_IMAGE: (
        "The {image:image} needs more than {limit:MB limit} MB of memory to decode: save it smaller, or in another format."
    ),
    ErrorCode.TOO_SMALL: "The {image:image} has {width} x {height} pixels, and each side needs at least {limit}.",
    ErrorCode.TOO_NARROW: (
        "The {image:image} has {width} x {height} pixels, and one side may be at most {limit} times as long as the other."
    ),
    ErrorCode.BLACK_MASK: "The {image:image} is black all over, so its style would be nowhere in the picture.",
    ErrorCode.CLEAR_STYLE: "The {image:image} is transparent all over, so there is no style to take.",
    ErrorCode.NO_STYLE: "A style is missing: an image, or the name of a bundled one.",
    ErrorCode.TOO_MANY_STYLES: "At most {limit} styles can be mixed in one picture.",
    ErrorCode.UNKNOWN_STYLE: "There is no style called “{name}” here.",
    ErrorCode.BAD_REQUEST: "The request is not valid: {detail}.",
    ErrorCode.TOO_SLOW: "The request took longer than {seconds} seconds to arrive.",
    ErrorCode.TOO_LARGE: "With the recipe {recipe} {wanted} pixels are not painted here: choose a size of at most {size}.",
    ErrorCode.TAKES_TOO_LONG: (
        "With the recipe {recipe} it would take about {seconds:time}, and {limit:time limit} are allowed: choose a size of at"
        " most {size}, or a quicker recipe."
    ),
    ErrorCode.AUDITION_TOO_LONG: (
        "To try all these styles out would take about {seconds:time}, and {limit:time limit} are allowed: choose {styles} of"
        " them, or a quicker recipe."
    ),
    ErrorCode.RECIPE_TOO_SLOW: (
        "With the recipe {recipe} it would take about {seconds:time}, and {limit:time limit} are allowed: choose the recipe"
        " {other}."
    ),
    ErrorCode.ENGINE_TOO_SLOW: (
        "With the recipe {recipe} it would take about {seconds:time}, and {limit:time limit} are allowed, which no other"
        " recipe or size keeps to here."
    ),
    ErrorCode.BAD_TOKEN: "The token is missing or wrong.",
    ErrorCode.NOT_FOUND: "There is nothing of that name, or it is no longer kept.",
    ErrorCode.KEY_REUSED: "A request with this key was already sent with other contents.",
    ErrorCode.QUEUE_FULL: "The queue is full, with {waiting} waiting: try again in about {minutes} min.",
    ErrorCode.USER_QUEUE_FULL: "This user already has {waiting} in the queue.",
    ErrorCode.GROUP_QUEUE_FULL: "This group already has {waiting} in the queue.",
    ErrorCode.STORAGE_FULL: "The engine's disk is full, so no new pictures can be taken at the moment.",
    ErrorCode.STORAGE_DAMAGED: "The engine's database was damaged while it ran, so it takes no jobs: restart it, and see its log.",
    ErrorCode.NOT_READY: "The engine is still starting: try again in a moment.",
    ErrorCode.BUSY: "The engine has too much to do at the moment: try again in {seconds} seconds.",
    ErrorCode.DRAINING: "The engine is being emptied and takes no new pictures in: try again later.",
    ErrorCode.NOT_PAINTED_YET: "This picture is not painted yet.",
    ErrorCode.CONTENT_GONE: "What this picture was painted from is no longer kept, so there is nothing to compare it with.",
    ErrorCode.NO_RECIPE: (
        "This picture does not say how it was made: it was not painted here, or something has removed its recipe."
    ),
    ErrorCode.BAD_RECIPE: (
        "The recipe in this picture is damaged, changed or of another version, so nothing can be painted by it."
    ),
    ErrorCode.WORKER_LOST: (
        "The painting process ended {attempts} times in a row and got no further, so the picture was given up."
    ),
    ErrorCode.IMAGES_GONE: "The images of this job are no longer where the engine kept them, so it cannot be painted.",
    ErrorCode.OUT_OF_MEMORY: "The picture needs more memory than there is: try a smaller size.",
    ErrorCode.BAD_WEIGHTS: (
        "The weights file {path} is not readable as VGG-19 without its classifier, in Keras' .h5 format: {why}."
    ),
    ErrorCode.INTERNAL: "Something went wrong in the engine; the details are in its log.",
}
NOTE_SENTENCES: dict[NoteCode, str] = {
    NoteCode.FLAT_STYLE: "The {image:image} has hardly any colour or structure, so there is little style to take.",
    NoteCode.MASK_RESIZED: (
        "The {image:image} had another shape than the picture ({width} x {height}) and was resized to it."
    ),
    NoteCode.SMALLER_FOR_MEMORY: "There is not enough memory for {wanted} pixels, so it is painted at {size}.",
    NoteCode.SHRUNK_FOR_MEMORY: (
        "At {wanted} pixels it needed more memory than there was in the end, so it is painted at {size}."
    ),
    NoteCode.FRAMES_THINNED: "Of the animation's {frames} frames {painted} are painted.",
    NoteCode.FIRST_FRAME: "Only the first of the animation's {frames} frames is painted, so the result does not move.",
    NoteCode.SMALLER_FOR_FRAMES: "Animations are painted at {limit} pixels at most, and so is this one.",
    NoteCode.OVER_BYTES: "It could not be made smaller than {size:KB} KB, and the limit for this ({preset}) is {limit:KB} KB.",
    NoteCode.PAINTED_AFRESH: "The small picture could not be gone on from, so it is painted from the start.",
}

CONDITION_SENTENCES: dict[Condition, str] = {
    Condition.NO_WORKER: "No worker is ready, so nothing is painted: the log says why none starts.",
    Condition.WORKER_DOWN: "{down} of {workers} workers are not ready: the log says why.",
    Condition.STORAGE_FULL: "The disk is full: no new pictures are taken in until there is room.",
    Condition.STORAGE_DAMAGED: "The database was damaged while it ran: restart the engine, and see its log.",
    Condition.MANY_FAILURES: "{failed} of the last {ended} pictures failed: the reasons are below.",
    Condition.QUEUE_FULL: "The queue is full: {open} jobs are open, which is as many as are taken in.",
    Condition.PAUSED: "Nothing new begins until you resume; what is being painted goes on.",
    Condition.DRAINING: "No new pictures are taken in; still to be painted: {open}.",
    Condition.DRAINED: "Nothing is left to paint, so the engine can be stopped. No new pictures are taken in.",
    Condition.STARTING: "The workers are getting warm.",
}


def sentence(error: Problem | Refusal) -> str:
    """An error in words."""
    return spell(ERROR_SENTENCES[error.code], error.facts, IMAGE_NAMES)


def note_sentence(note: Note) -> str:
    """A note in words."""
    return spell(NOTE_SENTENCES[note.code], note.facts, IMAGE_NAMES)


def condition_sentence(condition: Condition, **facts: int) -> str:
    """What an operator should know, in words."""
    return CONDITION_SENTENCES[condition].format(**facts)


def body_of(error: Problem | Refusal) -> ErrorBody:
    """An error as it goes over HTTP."""
    return ErrorBody(code=error.code, facts=dict(error.facts), message=sentence(error))
