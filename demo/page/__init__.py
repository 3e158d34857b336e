"""The demo's page: the stand-in's server as its members see it in a browser, and what they can do there."""

from demo.page.server import PageError, listen, page

__all__ = ["PageError", "listen", "page"]
