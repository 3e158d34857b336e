"""`python -m engine`: see `engine.cli.app`."""

from engine.protocol import staying

with staying():
    from engine.cli.app import main

if __name__ == "__main__":
    main()
