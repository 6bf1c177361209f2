"""Answer calls, one a line as JSON: [name, args] on standard input, {"result": …} on descriptor 3."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def serve(*functions: Callable[..., Any]) -> None:
    """Answer until the input ends. Standard output is left to libraries that print."""
    known = {function.__name__: function for function in functions}
    with os.fdopen(3, "w") as answers:
        for line in sys.stdin:
            name, args = json.loads(line)
            try:
                answer = {"result": known[name](*args)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), file=answers, flush=True)
