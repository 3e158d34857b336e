"""The engine: a queue and a style transfer loop behind a small HTTP interface."""
