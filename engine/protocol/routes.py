"""The routes: what is asked over HTTP, and with which message it is answered.

All messages are frozen models, decoded strictly (an unknown field is an error that names it). Towards the engine goes a
`JobRequest` (`request`); back come `JobView`, `StyleList`, `ErrorBody` (`views`), and the stream of events
`Queued | Started | Preview | Finished | Failed | Cancelled` (`events`).

    POST /v1/jobs               multipart: `request` (JobRequest as JSON), `content`, `style-1` .. `style-n`
                                and `mask-1` .. `mask-n` (image bytes, referred to by StyleChoice.part and
                                .mask), `previous` (an earlier result, with Start.PREVIOUS); header
                                Idempotency-Key; 202 JobView. The same key with the same request: the same job.
                                With the headers GROUP_HEADER and USER_HEADER, the owner's, a full queue is
                                said before the body is sent.
                                With `audition`, up to MAX_AUDITION styles are tried out: each is painted small, by
                                the first levels of the plan of the whole picture (Plan.audition). The result is a
                                sheet of these tiles with their numbers, as are the previews, on which empty places
                                have theirs too; moment n is tile n, with a recipe of its own. `finish` keeps the
                                tiles that there are, one at least. There is no time-lapse and no comparison.
                                With `tile`, one of these is finished: the request has the audition's content, owner's
                                group and settings, and the one style (its part is "style-1" then, whatever it was
                                before). It is painted by the audition's plan and goes on from the tile, also while the
                                audition still goes on. Where there is no such tile, or it was of something else, it is
                                painted from the start, and the note PAINTED_AFRESH says so.
                                With REQUEST_HEADER, all that either side logs of it has the same id, over restarts too;
                                every answer to a request with one has it too.
    GET  /v1/jobs/{id}          JobView
    GET  /v1/jobs/{id}/events   server-sent events: `id:` EventEnvelope.id, `event:` the type, `data:` the
                                event as JSON; Last-Event-ID resumes after that id; previews are thinned to
                                the newest; ends after a terminal event; an id that is none of this
                                job's tells all. Comment lines keep it alive.
    GET  /v1/jobs/{id}/previews/{n}   image/jpeg of preview n (old ones may be 404: only the newest matter)
    GET  /v1/jobs/{id}/result       the finished image with its content type; 409 before
    GET  /v1/jobs/{id}/timelapse    how it was painted, as an animated image/webp
    GET  /v1/jobs/{id}/moments/{n}  moment n (1 to JobView.moments) of the painting in full size
    GET  /v1/jobs/{id}/moments      all moments with their numbers, as one picture to choose from
    GET  /v1/jobs/{id}/comparison   what was painted beside what came of it, in one picture; CONTENT_GONE if an
                                    older engine has not kept it
    GET  /v1/sheet?job={id}&job=..  the results of 1 to MAX_SHEET jobs with their numbers, in this order, as one
                                    picture to look at; of one that is not kept any more, the number alone
    POST /v1/collage?places={n}     multipart: images by the numbers of their places, from 1 to n (MAX_COLLAGE at most), of
                                    strangers or not: one picture of all with their numbers, as a sheet. A place without
                                    an image, or with one that cannot be read, has its number alone; a refusal if that
                                    is so of all. Nothing of it is kept. Takes `max_bytes` and `max_side` too
                                    All seven take `max_bytes` (MIN_RENDITION_BYTES or more), which quality is given
                                    up for first, then size; `max_side`, the most pixels of a side; and the result
                                    and a moment also `preset`, what it is to be good for. RENDITION_HEADER tells in
                                    a Rendition what came of it. All but the sheets, the collage and the comparison are the file
                                    itself if nothing is asked that it does not fulfil.
    POST /v1/jobs/{id}/cancel       stop and drop; JobView; harmless when already over
    POST /v1/jobs/{id}/finish       stop and keep what there is (one that never began is cancelled); JobView
    DELETE /v1/jobs/{id}            stop, drop and forget: its row and all its files; 204, also if there is none.
                                    BUSY while a worker does not stop: the same call again goes on
    DELETE /v1/jobs                 the same of what was sent with this Idempotency-Key; a request with it that is
                                    still on its way is not taken any more
    GET  /v1/queue                  QueueView: whether one more job would be taken in, of the owner that
                                GROUP_HEADER and USER_HEADER name; of anybody without them
    POST /v1/recipe                 an image as the body; Provenance, or NO_RECIPE if it was not painted here
    GET  /v1/styles                 StyleList, with the limits of the recipes and how long they usually take
    GET  /v1/styles/sheet?style={name}&style=..&first=n  1 to MAX_SHEET bundled studies with their titles, numbered from
                                    `first` (1), as one picture; takes `max_bytes` and `max_side` too
    POST /v1/styles/sheet           StyleSheet as the body: the same with images that are sent along among them; of these
                                    nothing is kept
    POST /v1/styles/image           an image as the body: the same as a picture of ours, which holds nothing but its pixels;
                                    refused as a style image would be; takes `max_bytes` and `max_side`; nothing is kept
    DELETE /v1/styles/measured/{source}  forget what was measured of a style image: "sha256:" and the digest of the file that
                                    was sent; 204, also if there is nothing
    GET  /v1/styles/{name}/image    the bundled study; takes `max_bytes`, `max_side` and `preset` too
    GET  /v1/overview               Overview: how the engine stands, for its operator, as the page at / shows it
    GET  /v1/overview/events        server-sent events without a name: an Overview as often as it changes
    GET  /v1/history                History: the last hours in numbers
    POST /v1/pause /v1/drain /v1/resume  FlowView: let no job begin; take no new job in (DRAINING is said); do all again
    POST /v1/backup                 Backup: a copy of all that is kept, in the data directory
    GET  /healthz /readyz /metrics  liveness, readiness (200, 503 or 507), Prometheus; no token needed
"""

GROUP_HEADER, USER_HEADER = "Atelier-Group", "Atelier-User"
RENDITION_HEADER = "Atelier-Rendition"
