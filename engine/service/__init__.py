"""The engine as a service: jobs in over HTTP, a fair queue, workers kept busy, events and pictures out.

Rule: `jobs` is the only owner of a job's state; everything else asks it.
"""
