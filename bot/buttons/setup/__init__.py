"""The panel of `/setup`: private pages that show what is set, and menus and buttons that change it at once."""

from bot.buttons.setup.items import PAGES, SETUP_ITEMS, open_view
from bot.buttons.setup.panel import PAGE_OF

__all__ = ["PAGES", "PAGE_OF", "SETUP_ITEMS", "open_view"]
