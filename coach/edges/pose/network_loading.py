"""LiteRT as everything here loads a network."""

from __future__ import annotations

import struct
from typing import Any, Final

from ai_edge_litert.interpreter import Interpreter

from coach.errors import PoseModelError

NOT_A_NETWORK: Final = (ValueError, RuntimeError, TypeError, AttributeError, IndexError, struct.error)
"""What a file that is something else makes the flatbuffers reader and LiteRT raise."""


def load_network(model: bytes, threads: int, name: str) -> Any:
    """The interpreter, ready to run. Raises PoseModelError, which calls the network by its name."""
    try:
        interpreter: Any = Interpreter(model_content=model, num_threads=threads)
        interpreter.allocate_tensors()
    except NOT_A_NETWORK as error:
        raise cannot_load(name, error) from error
    return interpreter


def cannot_load(name: str, error: Exception) -> PoseModelError:
    """One line for a network that is none."""
    return PoseModelError(f"{name} cannot be loaded ({error}); give full, lite, heavy or another bundle")
