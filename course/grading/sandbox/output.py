"""What a run in the sandbox says of its cells, reduced to the forms that an honest run has."""

import json
from typing import Any


def record_of(line: bytes, known: set[int]) -> tuple[int, list[dict[str, Any]]] | None:
    """A cell's record, reduced to keys and kinds that are allowed; None for anything else."""
    try:
        record = json.loads(line)
        number, outputs = record["cell"], record["outputs"]
        if type(number) is not int or number not in known or type(outputs) is not list:
            return None
        cleaned = [_output(output) for output in outputs[:1000]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return number, [output for output in cleaned if output]


def _output(output: dict[str, Any]) -> dict[str, Any] | None:
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": str(output["text"])}
    if kind == "error":
        lines = [str(line) for line in output["traceback"]]
        return {"output_type": "error", "ename": str(output["ename"]), "evalue": str(output["evalue"]),
                "traceback": lines}  # fmt: skip
    if kind in ("display_data", "execute_result"):
        data = {mime: str(text) for mime, text in output["data"].items()
                if mime in ("text/plain", "image/png", "image/jpeg")}  # fmt: skip
        made: dict[str, Any] = {"output_type": kind, "data": data, "metadata": {}}
        if kind == "execute_result":
            count = output.get("execution_count")
            made["execution_count"] = count if type(count) is int else None
        return made if data else None
    return None
