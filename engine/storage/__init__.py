"""What outlives the engine: the jobs in one SQLite file, their images as files beside it."""
