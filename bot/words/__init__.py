"""Everything that a member reads, and what an operator reads when the process cannot start.

Rule: nothing else in the bot holds a sentence, and nothing in here speaks to Discord; only the help of the
settings stands in `engine.protocol`, where the command line reads it too. One module for each thing that is
talked about: `ticket`, `result`, `provenance`, `help`, `errors`; they share the names of `styles` and
`settings`, and the shape of a `post`.

How it is written: each sentence stands in `locales/en/<module>.ftl` and `locales/de/<module>.ftl` (Fluent), under an
id that begins with the module's name. A function says it with its facts, `say("album-elsewhere", count=3)`; plurals
are selectors in the .ftl, lists are made by `and_list`. What was a constant is a `Phrase("album-newer")`: pass it on as
it is, call it where it is shown, `words.NEWER()`, and say nothing at an import or in a default. A command's names and
descriptions are `words.SHOW.localised()`, its options `localised(words.SHOW_OPTIONS)`. No sentence is put together of
pieces that another language would order otherwise.
"""
