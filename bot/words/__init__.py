"""Everything that a member reads, and what an operator reads when the process cannot start.

Rule: nothing else in the bot holds a sentence, and nothing in here speaks to Discord; only the help of the
settings stands in `engine.protocol`, where the command line reads it too. One module for each thing that is
talked about: `ticket`, `result`, `provenance`, `help`, `errors`; they share the names of `styles` and
`settings`, and the shape of a `post`.
"""
