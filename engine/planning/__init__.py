"""What a painting will take, in seconds and in memory, and the plan that this makes.

Rule: arithmetic only, free of TensorFlow: the gateway plans with what the workers have measured.
"""
