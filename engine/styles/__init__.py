"""The styles that come with the engine: studies of paintings in the public domain, and who painted those."""
