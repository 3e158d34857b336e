"""Whoever paints: one interface, so that the queue does not care where a job runs, and what implements it.

Rule: a worker paints one batch of jobs at a time, keeps its model warm between jobs, and knows nothing of queues,
owners or retries.
"""
