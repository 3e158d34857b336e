"""What a process that paints asks of oneDNN, the library that runs TensorFlow's convolutions on a processor.

Rule: it holds for every convolution of the process, so no import asks for what others may not want. Whoever starts a
process that does nothing but paint does so, before the first convolution; a session's import asks only that oneDNN be there,
as TensorFlow has it on most processors. Free of TensorFlow.
"""

import os
import platform


def use_on_any_x86() -> None:
    """Have it run what it can on processors without VNNI too, where TensorFlow, not loaded yet, would leave it out.

    It is faster, and what is no number goes on as on others: without it TensorFlow gives up.
    """
    if platform.machine() in ("x86_64", "AMD64"):
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def assume_frozen_weights() -> None:
    """Promise that no convolution's kernel ever changes: oneDNN lays each out for the processor once, not at
    each call.

    Calls outside of a `tf.function` share one convolution for each shape then, and with it the kernel of the
    first. So after this they are never to be made; `engine.nst.vgg` refuses to.
    """
    os.environ.setdefault("TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "1")


def use_system_allocator() -> None:
    """Have tensors in memory of the C library's, which can be given back.

    The one that TensorFlow has for oneDNN grows by doubling and never shrinks: what was once needed for the largest
    picture, and what lies between the kernels of loops that are let go, would stay.
    """
    os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
