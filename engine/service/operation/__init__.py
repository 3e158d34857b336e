"""For whoever runs the engine: how it stands, live and over the last hours, and what it may do.

`overview` puts together what is known, `history` keeps the last hours, `routes` serves both, the ways to steer, and the
page at `/` (`static`). Rule: nothing here changes a job but through `engine.service.jobs`; the page's own files tell nothing
of this engine, and all that it shows it asks for with the token in a header.
"""
