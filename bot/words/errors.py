"""How the bot says no, and what it adds to a result: the sentences of the engine's codes and of its own.

Rule: one table for each kind of code, of all of them; whatever raises one gives facts. No name of a field of
the wire stands in a sentence.
"""

from collections.abc import Mapping, Sequence

from bot.errors import BotError, BotErrorCode, NamedRefusal
from bot.words.catalogue import and_list, or_list
from bot.words.help import STYLIZE_MENU
from bot.words.sources import shown
from engine.protocol import (
    IMAGE_FORMATS,
    ErrorCode,
    Note,
    NoteCode,
    Problem,
    RecipeName,
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
        "snapshot": "moment",
    },
    (
        *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
        *("eleventh", "twelfth", *(f"{n}th" for n in range(13, 21)), "21st", "22nd", "23rd", "24th"),
    ),
)

APOLOGY = "Something went wrong on my side; it has been noted. Please try again."

RESTARTED = "I was restarted before I could answer: please ask again."

BOT_SENTENCES: dict[BotErrorCode, str] = {
    BotErrorCode.MISSING_PERMISSIONS: "I cannot paint in this channel: I need the {permissions} here.",
    BotErrorCode.MAY_NOT: "You need the {permissions} here for that.",
    BotErrorCode.BLOCKED: "This server's moderators do not let you use me here.",
    BotErrorCode.NOT_INVITED: (
        "My commands are in this server, but I am not: whoever manages it can invite me with {link}"
    ),
    BotErrorCode.NOT_SET_UP: "This channel is not set up for art: whoever manages this server can do that with `/setup`.",
    BotErrorCode.NOT_A_STARTER: "Only members with the role {roles} can have pictures painted here.",
    BotErrorCode.TOO_MANY_OPEN: "You already have {waiting} on the way here: please wait until one of your pictures is finished.",
    BotErrorCode.COOLING_DOWN: "This server asks for a pause between two pictures: please try again in {seconds:time}.",
    BotErrorCode.SERVER_TOO_MANY_OPEN: (
        "This server already has {waiting} on the way, which is as many as it allows: please wait until one of them is "
        "finished."
    ),
    BotErrorCode.MEMBER_DAY_FULL: (
        "You have had as many pictures here in the last 24 hours as this server allows ({limit}): you can have the next one "
        "<t:{at}:R>."
    ),
    BotErrorCode.SERVER_DAY_FULL: (
        "This server has had as many pictures in the last 24 hours as it allows ({limit}): there is room for the next one "
        "<t:{at}:R>."
    ),
    BotErrorCode.SWITCHED_OFF: "I am switched off in this server at the moment: whoever manages it can switch me on with `/on`.",
    BotErrorCode.PAUSED: "I take no new pictures at the moment, as my owner wants it: please try again later.",
    BotErrorCode.BARRED: "My owner does not let you use me.",
    BotErrorCode.SERVER_BARRED: "My owner does not let me work in this server.",
    BotErrorCode.AGE_RESTRICTED: (
        "That picture is from an age-restricted channel, so it can only be shown in one."
    ),
    BotErrorCode.NOT_AN_EMOJI: "That is no emoji that can be used here: please write one emoji, or the name of one of this server's.",
    BotErrorCode.NOT_FOR_ALL: "Not everybody who sees the gallery can see that picture's channel, so it is not shown there.",
    BotErrorCode.NOT_YOURS_TO_SHOW: (
        "Only whoever's picture that is, who asked for it, or a moderator can do that; what a moderator has taken out, only one puts back."
    ),
    BotErrorCode.NOT_IN_GALLERY: "Whoever's picture that is does not want to be in the gallery.",
    BotErrorCode.AUTHOR_SAYS_NO: "Whoever made that picture does not want others to have it painted.",
    BotErrorCode.ONLY_OWN_PICTURES: "In this server you can have your own pictures painted, and nobody else's.",
    BotErrorCode.CONSENT_NEEDED: "<@{author}>, whose picture that is, has to say yes first.",
    BotErrorCode.AUTHOR_UNKNOWN: (
        "I cannot tell whose picture that is, so I cannot ask: please use the message that it was first posted in."
    ),
    BotErrorCode.NOT_A_CURATOR: "Only moderators decide what is in this server’s museum: please ask one of them.",
    BotErrorCode.NOT_FOR_MUSEUM: (
        "Only a picture that a member has posted here by themselves can become a style: please pick its first message."
    ),
    BotErrorCode.MUSEUM_FULL: (
        "This server’s museum is full, with {limit} styles: a moderator can remove one with `/museum`."
    ),
    BotErrorCode.STYLE_THERE: "That picture is in this server’s museum already, or waits for an answer there: see `/museum`.",
    BotErrorCode.OFFERED_ENOUGH: "A few of your pictures still wait for an answer: please offer this one once they have it.",
    BotErrorCode.STYLE_DECLINED: "That was asked before, and the answer was no: please pick another picture.",
    BotErrorCode.BAD_STYLE_NAME: (
        "Please choose a name of {least} to {most} letters, digits and spaces, with at least one letter in it."
    ),
    BotErrorCode.STYLE_NAME_TAKEN: "There is a style called “{title}” already: please choose another name.",
    BotErrorCode.BAD_STYLE_EMOJI: "Please choose one of these emojis: {emojis}",
    BotErrorCode.STYLE_EMOJI_TAKEN: "{emoji} stands for another style already. These are free: {free}",
    BotErrorCode.STYLE_OVER: "That has been decided already: see `/museum`.",
    BotErrorCode.OWN_VOTE: "It is your own picture, so the others decide.",
    BotErrorCode.STYLE_TAKEN_BACK: (
        "The author of “{title}” has taken it back, so I paint nothing more in its style: please choose another one."
    ),
    BotErrorCode.STYLE_REMOVED: "“{title}” is no longer in this server’s museum: please choose another style.",
    BotErrorCode.STYLE_ELSEWHERE: "“{title}” belongs to another server, and can be used only there: please choose another style.",
    BotErrorCode.NO_PICTURE: "That message has no picture that I can paint: please pick another one.",
    BotErrorCode.NO_PICTURE_HERE: "I see no new picture in this channel: please send one along.",
    BotErrorCode.PICTURES_NOT_SEEN: (
        "Discord does not show me what others post here: please open the menu of the message, then Apps, "
        f"then *{STYLIZE_MENU}*, or send the picture along."
    ),
    BotErrorCode.MESSAGE_NOT_SEEN: "I cannot find that message: please check the link, and that both of us may read it.",
    BotErrorCode.NO_SUCH_SOURCE: (
        "Please give me a link to a message in this server, its id, or a custom emoji: ordinary emoji have no "
        "picture that I can paint."
    ),
    BotErrorCode.FOREIGN_ADDRESS: "I fetch nothing from the web: please post the picture here, or give me a link to its message.",
    BotErrorCode.SEVERAL_STYLES: "That may be {titles}: please choose one of them from the list.",
    BotErrorCode.UNKNOWN_RECIPE: (
        f"I know the recipes {', '.join(RecipeName)}: please choose one of them, or leave that out."
    ),
    BotErrorCode.SEVERAL_SOURCES: "Please give me one picture to paint: a file, a link or a member.",
    BotErrorCode.NO_AVATAR: "They have no avatar of their own yet: please choose another picture.",
    BotErrorCode.DRAWN_STICKER: "That sticker is drawn with moving lines, which I cannot paint: please choose another picture.",
    BotErrorCode.OF_ANOTHER_BOT: "I do not paint what other bots have posted: please choose another picture.",
    BotErrorCode.NOT_FINISHED: "That picture is not finished yet: please wait for the result.",
    BotErrorCode.AUTHOR_GONE: "<@{author}>, whose picture that is, would have to say yes and is not here.",
    BotErrorCode.ASKED_ENOUGH: (
        "I have asked <@{author}>, whose picture that is, a few times today already: please try again tomorrow."
    ),
    BotErrorCode.NOT_THE_AUTHOR: "Only <@{author}> can answer that, as it is their picture.",
    BotErrorCode.CANNOT_BE_BLOCKED: "You can block neither bots, nor yourself, nor members who manage this server.",
    BotErrorCode.NOT_FETCHED: "The {image:image} could not be fetched from Discord: please try again.",
    BotErrorCode.NOT_YOURS: "Only the member who asked for this picture, or a moderator, can stop it.",
    BotErrorCode.NOT_YOURS_TO_DELETE: (
        "Only whoever asked for this picture, whoever made the original, or a moderator can delete it."
    ),
    BotErrorCode.TICKET_OVER: "This picture is already finished, so there is nothing to stop.",
    BotErrorCode.ALREADY_UNDERWAY: "That very picture is already being painted for you.",
    BotErrorCode.STILL_FETCHING: (
        "What you asked for before is still on its way: please try again in a moment."
    ),
    BotErrorCode.PICTURE_GONE: (
        "I no longer have the picture that this was painted from: please send it again."
    ),
    BotErrorCode.LARGEST: "That is as large as I can paint it here.",
    BotErrorCode.SERVER_ONLY: "That only works in a server.",
    BotErrorCode.CANNOT_EXPRESS: "I need the {permissions} in this server for that.",
    BotErrorCode.HIDDEN_PICTURE: (
        "That picture is hidden as a spoiler, and there everybody would see it: please pick another one."
    ),
    BotErrorCode.NO_MORE_EXPRESSIONS: (
        "This server has no room for another one: a moderator has to remove one first."
    ),
    BotErrorCode.NOT_EXPRESSED: "Discord did not take this picture for that: please try another one.",
    BotErrorCode.NO_SUCH_PICTURE: (
        "I cannot find that picture: please give me a link to my message with it, or its code from `/history`."
    ),
    BotErrorCode.RESULT_DELETED: "That picture was deleted, so I cannot do anything more with it.",
    BotErrorCode.MOMENT_DELETED: "That moment was deleted here, so I do not post it again: please pick another one.",
    BotErrorCode.NOT_A_RESULT: "That message has no picture of mine: please pick one that I have painted.",
    BotErrorCode.STILL_PAINTING: "That picture is still being painted: press “Cancel” below it instead.",
    BotErrorCode.PAINTING_GONE: (
        "I no longer have the moments of this painting: they are kept for some days only."
    ),
    BotErrorCode.ENGINE_UNREACHABLE: (
        "The painting engine cannot be reached at the moment: please try again in a minute."
    ),
    BotErrorCode.ENGINE_BUSY: "The painting engine has a lot to do: please try again in a moment.",
    BotErrorCode.ENGINE_FULL: "The painting engine has no room for new pictures at the moment: please try again later.",
    BotErrorCode.ENGINE_LOCKED: "The painting engine is not available at the moment: please try again later.",
    BotErrorCode.DISCORD_AWAY: "Discord does not give me the picture at the moment: please try again in a minute.",
    BotErrorCode.DISK_FULL: "I have no room for new pictures at the moment: please try again later.",
    BotErrorCode.MEMORY_DAMAGED: (
        "I cannot take new pictures at the moment: my owner needs to look at my log first."
    ),
    BotErrorCode.NO_WEEK: (
        "There is no style of the week in this server: whoever manages it can choose a channel for it with `/setup`."
    ),
    BotErrorCode.NO_WEEK_NOW: "There is no style of the week at the moment: the next one is announced soon.",
    BotErrorCode.WEEK_OVER: "That week is over, so there is nothing to choose any more.",
    BotErrorCode.CANNOT_DUEL: "Please challenge another member who can write in this channel: not yourself, and not a bot.",
    BotErrorCode.DUEL_UNWANTED: "That member would rather have no duels: please challenge somebody else.",
    BotErrorCode.DUEL_UNDERWAY: "You already have a duel here: please wait for its end, or call it off.",
    BotErrorCode.CHALLENGED_ENOUGH: (
        "That member has several challenges to answer already: please try again later."
    ),
    BotErrorCode.CHALLENGER_CANNOT: (
        "Whoever challenged you cannot have a picture painted at the moment: please try again later."
    ),
    BotErrorCode.NOT_YOUR_DUEL: "This is not your duel: you can vote once both pictures are painted.",
    BotErrorCode.DUEL_OVER: "That duel is past this already.",
    BotErrorCode.OWN_DUEL: "This is your own duel: the others vote.",
    BotErrorCode.FORGOTTEN: "I was restarted since this was opened: please open it again.",
    BotErrorCode.STOPPING: "I am being restarted: please ask again in a minute.",
    BotErrorCode.CONFIG_UNREADABLE: "The configuration {path} cannot be read: {reason}.",
    BotErrorCode.CONFIG_NOT_TEXT: "The configuration {path} is not a text in UTF-8.",
    BotErrorCode.CONFIG_NOT_TOML: "The configuration {path} is not valid TOML: {reason}.",
    BotErrorCode.UNKNOWN_TABLE: (
        "The configuration {path} is not valid: {key!r} is not one of the tables [engine] and [bot]."
    ),
    BotErrorCode.UNKNOWN_SETTING: "The configuration {path} is not valid: [bot] has no setting called {key!r}.",
    BotErrorCode.BAD_SETTING: "The configuration {path} is not valid: {key} in [bot]: {reason}.",
    BotErrorCode.NOT_HTTP: (
        "The configuration {path} is not valid: {key} in [bot] must be an http or https address, without a path."
    ),
    BotErrorCode.NOT_HTTPS: (
        "The configuration {path} is not valid: {key} in [bot] must be an https address, without a path; http is for "
        "this machine and its own network only."
    ),
    BotErrorCode.LINKS_NOT_SERVED: "Private links cannot be served on {host}:{port}: {reason}.",
    BotErrorCode.NO_TOKEN: "The bot's token is missing: set the environment variable {variable}.",
    BotErrorCode.NOT_LOOPBACK: "{variable} may only name an http address on this machine's loopback.",
    BotErrorCode.DIRECTORY_NOT_MADE: "The directory {path} cannot be made: {reason}.",
    BotErrorCode.BAD_DATABASE_URL: "database_url in [bot] cannot be used: {reason}.",
    BotErrorCode.DATABASE_NOT_OPENED: "The database {database} cannot be opened: {reason}.",
    BotErrorCode.DATABASE_NEWER: "The database {database} was made by a newer bot than this.",
    BotErrorCode.DATABASE_IN_USE: "The database {database} is in use by another bot process.",
    BotErrorCode.BACKUP_FAILED: "No backup was made in {folder}: {reason}.",
    BotErrorCode.BACKUP_ELSEWHERE: "The database in database_url is not a file that I keep: please back it up with its own tools.",
    BotErrorCode.LOGIN_REFUSED: "Discord does not accept the token in {variable}.",
    BotErrorCode.INTENT_REFUSED: (
        "Discord does not grant the Message Content intent: switch it on in the developer portal, "
        "or set message_content = false."
    ),
    BotErrorCode.SESSION_REFUSED: "Discord refuses the bot's session for good: {reason}.",
    BotErrorCode.TURNED_AWAY: "Discord turns the bot away: {reason}.",
    BotErrorCode.DISCORD_UNREACHABLE: "Discord cannot be reached: {reason}.",
}
ERROR_SENTENCES: dict[ErrorCode, str] = {
    ErrorCode.NOT_AN_IMAGE: f"The {{image:image}} is not an image that I can read: please send a {IMAGE_FORMATS}.",
    ErrorCode.BROKEN_IMAGE: (
        "The {image:image} is damaged, so I cannot open it: please save it again and send it once more."
    ),
    ErrorCode.UNUSUAL_KIND: (
        "The {image:image} is of a kind that hardly any program reads: please save it as an ordinary JPEG or PNG."
    ),
    ErrorCode.TOO_MANY_BYTES: "The {image:image} is {size:MB} MB large, and the limit is {limit:MB limit} MB: please try a smaller one.",
    ErrorCode.TOO_MANY_PIXELS: (
        "The {image:image} has {width} x {height} pixels, and the limit is {limit:MP} megapixels: "
        "please make it smaller."
    ),
    ErrorCode.TOO_MANY_FRAMES: "The {image:image} is an animation of {frames} frames, and the limit is {limit}: please send a shorter one.",
    ErrorCode.HEAVY_FORMAT: (
        "The {image:image} has {width} x {height} pixels, and the limit for a file of its kind is {limit:MP} megapixels: "
        "please save it smaller, or as a JPEG."
    ),
    ErrorCode.SLOW_IMAGE: (
        "The {image:image} takes longer than {seconds} seconds to open: "
        "please save it smaller, or in another format."
    ),
    ErrorCode.HUGE_IMAGE: (
        "The {image:image} needs more than {limit:MB limit} MB of memory to open: "
        "please save it smaller, or in another format."
    ),
    ErrorCode.TOO_SMALL: "The {image:image} has {width} x {height} pixels, and each side needs at least {limit}: please try a larger one.",
    ErrorCode.TOO_NARROW: (
        "The {image:image} has {width} x {height} pixels, and one side may be at most {limit} times as long as the other: "
        "please crop it."
    ),
    ErrorCode.BLACK_MASK: "The {image:image} is black all over, so its style would be nowhere: please make it white where the style goes.",
    ErrorCode.CLEAR_STYLE: "The {image:image} is transparent all over, so there is no style to take: please choose another one.",
    ErrorCode.NO_STYLE: "Please choose a style: attach a style image, or pick one of the paintings.",
    ErrorCode.TOO_MANY_STYLES: "At most {limit} styles can be mixed in one picture: please leave some out.",
    ErrorCode.UNKNOWN_STYLE: "There is no style called “{name}” here: `/styles` lists them all.",
    ErrorCode.BAD_REQUEST: "The painting engine did not understand that: please try it another way.",
    ErrorCode.TOO_SLOW: "Your pictures took too long to reach the painting engine: please try again.",
    ErrorCode.TOO_LARGE: (
        "The recipe {recipe} does not paint {wanted} pixels here: please choose a size of {size} or less."
    ),
    ErrorCode.TAKES_TOO_LONG: (
        "With the recipe {recipe} this would take about {seconds:time}, and a picture may take {limit:time limit} here: "
        "please choose a size of {size} or less, or a quicker recipe."
    ),
    ErrorCode.AUDITION_TOO_LONG: (
        "Trying out all these styles would take about {seconds:time}, and {limit:time limit} is the most here: please choose "
        "{styles} of them, or a quicker recipe."
    ),
    ErrorCode.RECIPE_TOO_SLOW: (
        "With the recipe {recipe} this would take about {seconds:time}, and a picture may take {limit:time limit} here: "
        "please choose the recipe {other}."
    ),
    ErrorCode.ENGINE_TOO_SLOW: (
        "This would take about {seconds:time}, and a picture may take {limit:time limit} here: please send a shorter "
        "animation, or ask my owner to allow more."
    ),
    ErrorCode.BAD_TOKEN: "The painting engine is not available at the moment: please try again later.",
    ErrorCode.NOT_FOUND: "The painting engine no longer has this: please ask for it again.",
    ErrorCode.KEY_REUSED: "The painting engine took this for another picture: please ask again.",
    ErrorCode.QUEUE_FULL: "The queue is full, with {waiting} waiting: please try again in about {minutes} min.",
    ErrorCode.USER_QUEUE_FULL: (
        "You already have {waiting} in the queue: please wait until one of your pictures is finished."
    ),
    ErrorCode.GROUP_QUEUE_FULL: (
        "This server already has {waiting} in the queue: please wait until one of its pictures is finished."
    ),
    ErrorCode.STORAGE_FULL: "The painting engine has no room for new pictures at the moment: please try again later.",
    ErrorCode.STORAGE_DAMAGED: "The painting engine has trouble with its storage: its owner needs to look at it.",
    ErrorCode.NOT_READY: "The painting engine is still starting: please try again in a moment.",
    ErrorCode.BUSY: "The painting engine has a lot to do: please try again in a moment.",
    ErrorCode.NOT_PAINTED_YET: "This picture is not painted yet: please wait until it is finished.",
    ErrorCode.CONTENT_GONE: "I no longer have the picture that this was painted from, so I cannot show the two together.",
    ErrorCode.NO_RECIPE: (
        "This picture does not say how it was made: it was not painted here, or what it said was removed."
    ),
    ErrorCode.BAD_RECIPE: (
        "I cannot read how this picture was made: what it says of that is damaged, changed or of another version."
    ),
    ErrorCode.WORKER_LOST: (
        "The painting was interrupted {attempts} times and got no further, so I gave it up: please try again later, "
        "or at a smaller size."
    ),
    ErrorCode.IMAGES_GONE: "The painting engine no longer has your picture: please send it again.",
    ErrorCode.OUT_OF_MEMORY: (
        "The picture needs more memory than the painting engine has: please try a smaller size."
    ),
    ErrorCode.BAD_WEIGHTS: "The painting engine cannot paint at the moment: its owner needs to look at its log.",
    ErrorCode.INTERNAL: "Something went wrong in the painting engine, and its log has the details: please try again.",
}
NOTE_SENTENCES: dict[NoteCode, str] = {
    NoteCode.FLAT_STYLE: "The {image:image} has hardly any colour or structure, so there is little style to take.",
    NoteCode.MASK_RESIZED: (
        "The {image:image} had another shape than the picture ({width} x {height}) and was resized to it."
    ),
    NoteCode.SMALLER_FOR_MEMORY: (
        "The painting engine does not have enough memory for {wanted} pixels, so this is painted at {size}."
    ),
    NoteCode.FRAMES_THINNED: "Of the animation's {frames} frames {painted} are painted.",
    NoteCode.FIRST_FRAME: "Only the first of the animation's {frames} frames is painted, so the result does not move.",
    NoteCode.SMALLER_FOR_FRAMES: "Animations are painted at {limit} pixels at most, and so is this one.",
    NoteCode.OVER_BYTES: "It could not be made smaller than {size:KB} KB, and the limit for this ({preset}) is {limit:KB} KB.",
    NoteCode.PAINTED_AFRESH: (
        "I no longer have the small picture that you chose, so this is painted afresh and may look a little different."
    ),
}


# Discord's names of what the bot needs, by the flags of discord.Permissions.
PERMISSIONS = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
    "add_reactions": "Add Reactions",
    "create_public_threads": "Create Public Threads",
    "create_expressions": "Create Expressions",
    "manage_guild": "Manage Server",
    "manage_messages": "Manage Messages",
    "manage_threads": "Manage Threads",
}


def sentence(error: Problem | Refusal | BotError) -> str:
    """An error of the engine's, of the door's or of the bot's own, as a member reads it."""
    if not isinstance(error, BotError):
        names = error.names if isinstance(error, NamedRefusal) else {}
        return spell(ERROR_SENTENCES[error.code], error.facts, _image_names(names))
    facts = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in error.facts.items()}
    match error.facts:
        case {"permissions": [*flags]}:
            facts["permissions"] = _permissions(flags)
        case {"roles": [*roles]}:
            facts["roles"] = or_list([f"<@&{role}>" for role in roles])
        case {"titles": [*titles]}:
            facts["titles"] = or_list([f"“{title}”" for title in titles])
    return spell(BOT_SENTENCES[error.code], facts, IMAGE_NAMES)


def _permissions(flags: Sequence[object]) -> str:
    listed = and_list([f"“{PERMISSIONS[str(flag)]}”" for flag in flags])
    return f"permission {listed}" if len(flags) == 1 else f"permissions {listed}"


def note_sentence(note: Note, names: Mapping[str, str] = {}) -> str:
    """A note as a member reads it; `names` are those that they gave to the images, by part."""
    return spell(NOTE_SENTENCES[note.code], note.facts, _image_names(names))


def _image_names(names: Mapping[str, str]) -> dict[str, str]:
    """What images are called, with their own names where there are several of a kind."""
    several = {
        part: shown(name) for part, name in names.items() if name and part in IMAGE_NAMES and "-" in part
    }
    return IMAGE_NAMES | {part: f"{IMAGE_NAMES[part]} (“{name}”)" for part, name in several.items()}
