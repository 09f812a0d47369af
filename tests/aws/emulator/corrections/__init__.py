"""Where moto is wrong. A module per service; each function says what real AWS does instead.

`answers`: the whole answer is computed here, from moto's state. `corrects`: moto answers, the function repairs what it said. Both work on
boto3's output shapes; the layer serializes them.
"""

from typing import Any, Callable

from emulator.call import Call

ANSWERS: dict[tuple[str, str], Callable[[Call], dict[str, Any]]] = {}
CORRECTS: dict[tuple[str, str], Callable[[Call, dict[str, Any]], dict[str, Any]]] = {}


def answers(service: str, *operations: str) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        for operation in operations:
            ANSWERS[(service, operation)] = function
        return function

    return register


def corrects(service: str, *operations: str) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        for operation in operations:
            CORRECTS[(service, operation)] = function
        return function

    return register
