"""Requests as they are, and what can be done to them: everything is bytes, and the same seed gives the same again."""

import gzip
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.protocol import GROUP_HEADER, USER_HEADER, JobRequest

CRLF = b"\r\n"
BOUNDARY = b"the-boundary-of-a-form"


@dataclass(frozen=True)
class Wire:
    """What a request needs to be taken: the engine's address, its token, a job of it."""

    host: str
    token: str
    job: str


def requests(wire: Wire, wish: JobRequest, images: Mapping[str, bytes]) -> list[bytes]:
    """One of each kind, as the bot sends them; jobs more than once, for they are what there is to say about."""
    job, image = f"/v1/jobs/{wire.job}", next(iter(images.values()))
    form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}
    owner = {GROUP_HEADER: wish.owner.group, USER_HEADER: wish.owner.user}
    body = multipart({"request": wish.model_dump_json().encode(), **images})
    submits = [
        _request(wire, "POST", "/v1/jobs", form | owner | {"Idempotency-Key": f"key-{n}"}, body)
        for n in range(4)
    ]
    gets = ["", "/events", "/result", "/previews/10001", "/timelapse", "/moments/1"]
    return [
        *submits,
        _request(wire, "POST", "/v1/jobs", form, body, chunked=True),
        _request(wire, "POST", "/v1/jobs", form | {"Expect": "100-continue"}, body),
        _request(wire, "POST", "/v1/recipe", {"Content-Type": "application/octet-stream"}, image),
        *(_request(wire, "GET", job + page, {"Last-Event-ID": "7"}) for page in gets),
        _request(wire, "GET", f"{job}/result", {"Range": "bytes=3-90", "If-Match": '"x"'}),
        *(_request(wire, "POST", f"{job}/{order}", {}) for order in ("cancel", "finish")),
        *(
            _request(wire, "GET", page, {})
            for page in ("/v1/styles", "/v1/styles/great_wave/image", "/readyz", "/metrics")
        ),
        _request(wire, "HEAD", "/v1/styles", {}),
    ]


def multipart(parts: Mapping[str, bytes]) -> bytes:
    """A form's body."""
    return b"".join(map(part, parts, parts.values())) + b"--" + BOUNDARY + b"--" + CRLF


def part(name: str, data: bytes) -> bytes:
    """One part of it."""
    head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'.encode()
    return CRLF.join([b"--" + BOUNDARY, head, b"Content-Type: image/png", b"", data, b""])


def _request(
    wire: Wire,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    chunked: bool = False,
) -> bytes:
    length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
    sent = {"Host": wire.host, "Authorization": f"Bearer {wire.token}", "Connection": "close"}
    lines = [f"{name}: {value}" for name, value in {**sent, **headers, **(length if body else {})}.items()]
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()
    return head + (_chunks(body) if chunked else body)


def _chunks(body: bytes, size: int = 1000) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


# --- mutations --------------------------------------------------------------------------------------------

Mutation = Callable[[random.Random, Sequence[bytes]], bytes]

ODD_LINES = (
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: 200000000",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Content-Encoding: gzip",
    b"Content-Encoding: br",
    b"Host: 127.0.0.1:abc",
    b"Host: [::1",
    b"Host: rebound.example",
    b"Expect: something else",
    b"Upgrade: websocket\r\nConnection: upgrade",
    b"Upgrade: h2c",
    b"Range: bytes=99999999-",
    b"Range: bytes=5-2, x",
    b'If-Match: "nothing"',
    b"If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT",
    b"Last-Event-ID: -1",
    b"Last-Event-ID: " + b"9" * 5000,
    b"Idempotency-Key: \xff\xfe",
    b"Idempotency-Key: " + b"k" * 300,
    b"X-Name: \xff\xfe\x80",
    b"\xff\xfe: value",
    b"X-Nul: a\0b",
    b"No colon in this line",
    b" folded: line",
    b"Content-Type: multipart/form-data",
    b"Content-Type: multipart/form-data; boundary=\xff",
    b"Content-Type: multipart/mixed; boundary=" + BOUNDARY,
    b"Content-Type: \xc3\x28",
    b"X-Long: " + b"x" * 9000,
    b"Cookie: " + b"a=b; " * 200,
    b"Authorization: Basic \xff",
    b"Origin: null",
)
ODD_TARGETS = (
    b"*",
    b"//",
    b"/..",
    b"/v1/jobs/../../etc/passwd",
    b"/v1/styles/..%2f..%2fconfig/image",
    b"/v1/jobs/%00",
    b"/v1/jobs/%ff%fe",
    b"/v1/jobs/\xff",
    b"/v1/jobs/" + b"a" * 9000,
    b"http://rebound.example/v1/styles",
    b"http://127.0.0.1:abc/v1/styles",
    b"http://[::1/v1/styles",
    b"127.0.0.1:80",
    b"?",
    b"#",
    b"",
    b"/v1/jobs?" + b"a=1&" * 500,
)
ODD_METHODS = (b"BREW", b"CONNECT", b"OPTIONS", b"TRACE", b"PUT", b"DELETE", b"get", b"\xff", b"", b"PRI")
ODD_VERSIONS = (b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/9.9", b"HTTP", b"", b"HTTP/1.1 more")
ODD_NAMES = (
    b'form-data; name="_charset_"',
    b'form-data; name="\xff\xfe"',
    b"form-data; name*=utf-8''%ff",
    b"form-data; name*=no-such''x",
    b'form-data; name=""',
    b"form-data",
    b'attachment; name="content"',
    b'form-data; name="' + b"n" * 3000 + b'"',
    b'form-data; name="content',
    b"\xff\xfe",
    b'form-data; name="style-1"\r\nContent-Type: multipart/mixed; boundary=inner',
    b'form-data; name="content"\r\nContent-Transfer-Encoding: base64',
    b'form-data; name="content"\r\nContent-Encoding: gzip',
    b'form-data; name="content"\r\nContent-Length: 5',
    b'form-data; name="request"\r\nContent-Type: text/plain; charset=utf-77',
)
BOMB = gzip.compress(zlib.compress(bytes(2**22)))


def flip(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Some bytes anywhere."""
    return _flipped(rng, rng.choice(seeds))


def flip_head(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Some bytes of the request line and the headers."""
    head, body = _halves(rng.choice(seeds))
    return _flipped(rng, head) + body


def insert(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Odd bytes in the head."""
    head, body = _halves(rng.choice(seeds))
    where = rng.randrange(len(head))
    return (
        head[:where]
        + rng.choice((b"\0", b"\xff", b"\r", b"\n", b"\r\n", b" ", b":", b"\xc3\x28"))
        + head[where:]
        + body
    )


def header(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A header that is odd, twice there, gone, empty, or there a hundred times."""
    head, body = _halves(rng.choice(seeds))
    lines = head.split(CRLF)[:-2]
    where = rng.randrange(1, len(lines))
    match rng.randrange(8):
        case 0:
            lines.insert(where, lines[where])
        case 1:
            del lines[where]
        case 2:
            lines[where] = lines[where].partition(b":")[0] + b":"
        case 3:
            lines[where:where] = [b"X-%d: y" % number for number in range(rng.choice((50, 200)))]
        case _:
            lines.insert(where, rng.choice(ODD_LINES))
    return CRLF.join([*lines, b"", b""]) + body


def request_line(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Another method, target or version."""
    line, _, rest = rng.choice(seeds).partition(CRLF)
    words = line.split(b" ")
    where, odd = rng.choice(((0, ODD_METHODS), (1, ODD_TARGETS), (2, ODD_VERSIONS)))
    words[where] = rng.choice(odd)
    return b" ".join(words) + CRLF + rest


def parts(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A form of which the parts are odd; its length is right."""
    head, body = _halves(rng.choice(seeds[:4]))
    pieces = body.split(b"--" + BOUNDARY)
    where = rng.randrange(1, len(pieces) - 1)
    match rng.randrange(7):
        case 0:
            pieces.insert(where, pieces[where])
        case 1:
            del pieces[where]
        case 2:
            pieces[where:where] = [pieces[where]] * rng.choice((20, 200))
        case 3:
            pieces[where] = _flipped(rng, pieces[where])
        case 4:
            pieces[0] = rng.randbytes(rng.choice((10, 100_000)))
        case _:
            pieces[where] = (
                b"\r\nContent-Disposition: "
                + rng.choice(ODD_NAMES)
                + b"\r\n\r\n"
                + rng.choice((b"utf-8", b"x" * 40, b"\xff", b"", BOMB))
                + CRLF
            )
    return _with_length(head, (b"--" + BOUNDARY).join(pieces))


def truncate(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Only the beginning."""
    data = rng.choice(seeds)
    return data[: rng.randrange(1, len(data))]


def splice(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """The beginning of one and the end of another."""
    one, other = rng.choice(seeds), rng.choice(seeds)
    return one[: rng.randrange(1, len(one))] + other[rng.randrange(len(other)) :]


def pipeline(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Several on one connection, of which the last is mutated; what came for a HEAD in between could not be told."""
    whole = [
        rng.choice(seeds[:-1]).replace(b"Connection: close\r\n", b"") for _ in range(rng.randrange(1, 40))
    ]
    return b"".join(whole) + rng.choice((flip_head, header, truncate))(rng, seeds[:-1])


def chunks(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A body in chunks of which the sizes are odd."""
    head, body = _halves(seeds[4])
    sizes = (b"-1", b"0x10", b"FFFFFFFFFFFFFFFFFF", b"g", b"", b"5;x=" + b"y" * 5000, b"1\n")
    where = body.find(CRLF, rng.randrange(len(body) - 20))
    return head + body[:where] + CRLF + rng.choice(sizes) + CRLF + body[where:]


def bomb(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """A body that says it is compressed, and is."""
    head, body = _halves(rng.choice(seeds[:4]))
    packed = rng.choice((BOMB, gzip.compress(body), zlib.compress(body)))
    coding = rng.choice((b"gzip", b"deflate", b"GZIP", b"gzip, gzip", b"zstd"))
    return _with_length(head.replace(b"Host:", b"Content-Encoding: " + coding + b"\r\nHost:"), packed)


def noise(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """What is no HTTP at all."""
    del seeds
    return rng.choice(
        (
            rng.randbytes(rng.randrange(1, 2000)),
            b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + rng.randbytes(200),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            CRLF * rng.randrange(1, 50),
            b"GET " * 5000,
        )
    )


MUTATIONS: Sequence[Mutation] = (
    flip,
    flip_head,
    flip_head,
    insert,
    header,
    header,
    request_line,
    parts,
    parts,
    truncate,
    splice,
    pipeline,
    chunks,
    bomb,
    noise,
)


def _halves(request: bytes) -> tuple[bytes, bytes]:
    head, blank, body = request.partition(CRLF + CRLF)
    return head + blank, body


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 9)):
        changed[rng.randrange(len(changed))] ^= rng.randrange(1, 256)
    return bytes(changed)


def _with_length(head: bytes, body: bytes) -> bytes:
    lines = [line for line in head.split(CRLF)[:-2] if not line.startswith(b"Content-Length")]
    return CRLF.join([*lines, b"Content-Length: %d" % len(body), b"", b""]) + body
