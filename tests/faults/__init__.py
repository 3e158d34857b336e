"""Faults by the hundred, and what came of all that was promised meanwhile: `make test-faults`, see `__main__`.

Rule: nothing of what is tested is replaced but the network, where a stage says so; whoever counts asks the processes
over the wire and reads the disk after they have ended. `test_faults` runs a few of each kind with all other tests.
"""
