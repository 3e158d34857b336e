"""What a painting will take, in seconds and in memory, and the plan that this makes.

Rule: arithmetic only, free of TensorFlow: the service plans with what the workers have measured.
"""
