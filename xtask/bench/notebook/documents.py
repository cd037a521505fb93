"""The notebooks that are opened: as JupyterLab's own benchmarks define them, many cells and many outputs."""

import random


def notebook(cells: list[dict], language: str = "python", kernel: str = "python3") -> dict:
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": kernel, "language": language, "name": kernel},
            "language_info": {"name": language},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def code(number: int, source: str, outputs: list[dict]) -> dict:
    count = number + 1 if outputs else None
    return {
        "cell_type": "code",
        "execution_count": count,
        "id": f"cell-{number:06}",
        "metadata": {},
        "outputs": outputs,
        "source": source.splitlines(keepends=True),
    }


def one_cell(source: str) -> dict:
    return notebook([code(0, source, [])])


def one_rust_cell(source: str) -> dict:
    return notebook([code(0, source, [])], "rust", "rust")


def code_cells() -> dict:
    return notebook([code(n, f"# cell {n}\nfor i in range({n}):\n    print(i, {n} * i)", []) for n in range(300)])


def many_outputs() -> dict:
    """1000 outputs of 20 kB of text each."""
    chosen = random.Random(7)

    def text(number: int) -> str:
        lines = (f"{number} {line} " + "".join(chosen.choices("abcdefghij ", k=90)) for line in range(195))
        return "\n".join(lines)

    def stream(number: int) -> dict:
        return {"output_type": "stream", "name": "stdout", "text": text(number).splitlines(keepends=True)}

    return notebook([code(n, f"print(text({n}))", [stream(n)]) for n in range(1000)])
