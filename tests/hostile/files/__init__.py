"""Files of strangers, whole suites and many thousand mutations, decoded in a child each. `python -m tests.hostile.files`

Rule: whatever a file does, it is shown or refused by a code, and costs no more time and memory than is allowed.
"""
