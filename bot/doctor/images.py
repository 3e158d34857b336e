"""Whether the store of images, if there is one, lets the bot write and delete."""

from collections.abc import AsyncIterator

from bot.doctor.patient import Finding, Patient
from bot.errors import CannotStart
from bot.storage.bucket import open_bucket, require
from bot.words.errors import sentence


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """By an object that is gone again at once, as at each start; without a store they are in the data directory."""
    url = patient.config.images
    if not url:
        return
    try:
        await require(open_bucket(url))
    except CannotStart as error:
        yield Finding(False, f"Images: {sentence(error)}")
    else:
        yield Finding(True, f"Images: {url} can be written to and deleted from")
