"""Whoever paints: one interface, so that the queue does not care where a job runs, what implements it, and the
runner, which takes one job from its files to those of its result, at the command line too.

Rule: a worker paints one batch of jobs at a time, keeps its model warm between jobs, and knows nothing of queues,
owners or retries.
"""
