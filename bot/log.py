"""One line per event on standard error: readable in a terminal, JSON everywhere else; discord.py's included.

Rule: what a member sent (pictures, words) and the tokens are never logged; ids, sizes and times are. A traceback shows
the lines of the source and no values, and whatever a library puts into its message, tokens are struck out of it.
"""

import logging
import sys

import structlog

from engine.protocol import Censor


def set_up(*tokens: str) -> None:
    """Configure logging for this process; call once, before the first line. tokens: what must never show."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,  # of what was asked, into discord.py's lines too
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    tail: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if sys.stderr.isatty()
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    tail.append(Censor(*tokens))
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tail],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
