"""Images in an S3-compatible store, where all processes of a bot on many machines reach them (`images`).

Rule: an object is written whole or not at all, and kept by the store once it says so; what is dropped is deleted there, so the
bucket must keep no versions. Its keys are those of the environment (AWS_...), never of the configuration. On this machine's
disk an image is for no longer than it is read. Whatever the store has against it is an OSError, as of a disk.
"""

import asyncio
import errno
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.errors import BotErrorCode, CannotStart, ImagesAway
from bot.storage.inbox import ORPHAN_SECONDS
from bot.storage.looks import TwoLooks

if TYPE_CHECKING:
    from obstore.store import ObjectStore

log = structlog.get_logger(__name__)

_SECONDS = "60s"  # for one request
_RETRY = timedelta(seconds=30)
_NEVER_AGAIN = "previous"  # whoever goes on from a result brings that result
_OPENED = "opened-"


def open_bucket(url: str) -> "ObjectStore":
    """The store at "s3://BUCKET" or "s3://BUCKET/FOLDER". Raises CannotStart."""
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError as error:
        raise CannotStart(BotErrorCode.NO_IMAGES_DRIVER) from error
    try:
        return from_url(
            url,
            client_options={"timeout": _SECONDS, "allow_http": True},
            retry_config={"max_retries": 3, "retry_timeout": _RETRY},
        )
    except (BaseError, ValueError) as error:
        raise CannotStart(BotErrorCode.BAD_IMAGES_URL, reason=str(error).splitlines()[0]) from error


async def require(store: "ObjectStore") -> None:
    """See that a store is there, and lets this process write and delete. Raises CannotStart."""
    import obstore

    def probe() -> None:
        with _as_of_a_disk():
            obstore.put(store, "probe", b"")
            obstore.delete(store, "probe")

    try:
        await asyncio.to_thread(probe)
    except FileNotFoundError as error:
        raise CannotStart(BotErrorCode.BAD_IMAGES_URL, reason="there is no such bucket") from error
    except OSError as error:
        raise CannotStart(BotErrorCode.BAD_IMAGES_URL, reason=error.strerror) from error


@contextmanager
def _as_of_a_disk() -> Iterator[None]:
    """Call whatever goes wrong by a name that the rest of the bot knows."""
    from obstore.exceptions import BaseError, NotFoundError

    try:
        yield
    except NotFoundError as error:  # where it is not FileNotFoundError already
        raise FileNotFoundError(errno.ENOENT, "not there") from error
    except BaseError as error:
        reason = (str(error).splitlines() or [""])[0]
        raise ImagesAway(errno.EIO, f"{type(error).__name__}: {reason}"[:300]) from error


class _Objects:
    """The objects at "ROOM/OWNER/PART" of one room; `others`: rooms that its owners are dropped from too.

    Asked in threads: obstore's own coroutines call into an interpreter that may have ended, which ends the process badly.
    """

    def __init__(self, store: "ObjectStore", room: str, *others: str) -> None:
        self._store, self._room, self._rooms = store, room, (room, *others)

    def place(self, owner: str, part: str = "") -> str:
        """The key of an image, or what those of an owner begin with."""
        return f"{self._room}/{owner}/{part}"

    async def has(self, owner: str) -> bool:
        """Whether there is any image of an owner."""
        return bool(await self._found(self.place(owner)))

    async def read(self, owner: str, part: str) -> bytes:
        """An image. Raises FileNotFoundError."""
        import obstore

        def get() -> bytes:
            with _as_of_a_disk():
                return bytes(obstore.get(self._store, self.place(owner, part)).bytes())

        return await asyncio.to_thread(get)

    async def drop(self, owner: str) -> None:
        """Forget the images of an owner, also those that were moved aside; harmless if there are none."""
        for room in self._rooms:
            await self._delete([each for each, _, _ in await self._found(f"{room}/{owner}/")])

    async def _found(self, start: str) -> list[tuple[str, int, datetime]]:
        """The objects whose keys begin with this folder's: key, bytes, and when they were written."""
        import obstore

        def listed() -> list[tuple[str, int, datetime]]:
            with _as_of_a_disk():
                every = (each for chunk in obstore.list(self._store, start.rstrip("/")) for each in chunk)
                return [(each["path"], each["size"], each["last_modified"]) for each in every]

        return await asyncio.to_thread(listed)

    async def _delete(self, keys: list[str]) -> None:
        import obstore

        def delete() -> None:
            with _as_of_a_disk():
                obstore.delete(self._store, keys)

        if keys:
            await asyncio.to_thread(delete)

    async def _copy(self, source: str, target: str) -> None:
        import obstore

        def copy() -> None:
            with _as_of_a_disk():
                obstore.copy(self._store, source, target)

        await asyncio.to_thread(copy)

    async def _move(self, source: str, target: str, but: str = "") -> None:
        """Copy what is in one folder to another, and then delete it; cut off in between, it is there twice."""
        there = [each for each, _, _ in await self._found(source)]
        for each in there:
            part = each.rpartition("/")[2]
            if part != but:
                await self._copy(each, f"{target}{part}")
        await self._delete(there)


class BucketImages(_Objects):
    """`images.Images` in a store; what was moved aside is in the room `orphans`, and `folder` is for what is read."""

    def __init__(self, store: "ObjectStore", room: str, orphans: str, folder: Path) -> None:
        super().__init__(store, room, orphans)
        self._orphans, self._folder = orphans, folder
        self._looks = TwoLooks[str]()
        for left in folder.glob(f"{_OPENED}{room}-*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)

    async def put(self, owner: str, part: str, data: bytes) -> None:
        """Keep an image; it is there for good when this returns."""
        import obstore

        def put() -> None:
            with _as_of_a_disk():
                obstore.put(self._store, self.place(owner, part), data)

        await asyncio.to_thread(put)

    async def copy(self, owner: str, part: str, source: str) -> None:
        """Keep an image that is in the store already. Raises FileNotFoundError."""
        await self._copy(source, self.place(owner, part))

    async def names(self, owner: str) -> set[str]:
        """The part names of an owner's images."""
        return {key.rpartition("/")[2] for key, _, _ in await self._found(self.place(owner))}

    @asynccontextmanager
    async def opened(self, owner: str) -> AsyncIterator[dict[str, Path]]:
        """The images of an owner as files by part name, which are removed after that."""
        prefix = f"{_OPENED}{self._room}-"
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=prefix, dir=self._folder))
        try:
            files = {part: folder / part for part in sorted(await self.names(owner))}
            for part, file in files.items():
                await asyncio.to_thread(file.write_bytes, await self.read(owner, part))
            yield files
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def remove(self, owner: str, *parts: str) -> None:
        """Forget some images of an owner; harmless if there are none."""
        there = await self.names(owner)
        await self._delete([self.place(owner, part) for part in parts if part in there])

    async def owners(self) -> list[str]:
        """Whoever has images here."""
        return sorted({key.split("/")[-2] for key, _, _ in await self._found(f"{self._room}/")})

    async def set_aside(self, owners: Iterable[str]) -> None:
        """Move images away, of which nobody knows whose they are."""
        every = list(owners)
        for owner in every:
            await self._move(self.place(owner), f"{self._orphans}/{owner}/")
        if every:
            log.warning("images of no ticket moved aside", count=len(every), room=self._orphans)

    async def sweep(self) -> None:
        """Forget what was moved aside a week ago. Never raises OSError."""
        oldest = datetime.now(UTC) - timedelta(seconds=ORPHAN_SECONDS)
        try:
            there = await self._found(f"{self._orphans}/")
            await self._delete(self._looks.due(key for key, _, since in there if since < oldest))
        except OSError as error:
            log.warning("orphans not swept", error=str(error))


class BucketKept(_Objects):
    """`images.Kept` in a store."""

    def __init__(self, store: "ObjectStore", room: str, max_bytes: int, max_seconds: float) -> None:
        super().__init__(store, room)
        self._max_bytes, self._max_seconds = max_bytes, max_seconds
        self._tidying = asyncio.Lock()
        self._looks = TwoLooks[str]()

    async def keep(self, owner: str, source: str) -> None:
        """Take over the images of a delivered ticket; harmless if there are none. Never raises OSError."""
        try:
            await self._move(source, self.place(owner), but=_NEVER_AGAIN)
        except OSError as error:
            log.warning("images not kept", ticket=owner, error=str(error))
        await self.trim()

    async def trim(self) -> None:
        """Remove what is too old or too much. Never raises OSError."""
        async with self._tidying:
            try:
                await self._trim()
            except OSError as error:
                log.warning("kept images not trimmed", error=str(error))

    async def _trim(self) -> None:
        oldest, room = datetime.now(UTC) - timedelta(seconds=self._max_seconds), self._max_bytes
        of_owner: dict[str, list[tuple[str, int, datetime]]] = {}
        for each in await self._found(f"{self._room}/"):
            of_owner.setdefault(each[0].split("/")[-2], []).append(each)
        since = {owner: max(at for _, _, at in found) for owner, found in of_owner.items()}
        too_old = self._looks.due(owner for owner in since if since[owner] < oldest)
        for owner in sorted(since, key=since.__getitem__, reverse=True):
            room -= sum(size for _, size, _ in of_owner[owner])
            if room < 0 or owner in too_old:
                await self._delete([key for key, _, _ in of_owner[owner]])
