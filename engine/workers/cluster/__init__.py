"""Workers on other machines, by Ray: the worker of each is a `LocalWorker` there, and its words and files come here.

    engine ── pipe ── driver (the only one here that has Ray) ── Ray ── booth (an actor, one a device) ── pipe ── painter

Rule: no disk is shared. What a painter reads is brought to its machine, what it writes is fetched, and the engine puts it
where the job's paths say. The engine's queue stays the only truth: what a cluster has lost costs what came after the last
checkpoint that was fetched. Ray ends its driver's process when it loses the cluster, so that is never the engine's.
"""
