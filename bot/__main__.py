"""`python -m bot`: see `bot.cli`.

Rule: what is imported stays, so garbage is not looked for while it is imported, nor in it ever again. It is 150,000
objects: to look through them takes a quarter of a start, and nearly all of an end.
"""

import gc
import sys


def main() -> int:
    """Import the bot, and do what the command line says; the exit code."""
    gc.disable()
    from bot import cli

    gc.freeze()
    gc.enable()
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
