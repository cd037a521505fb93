"""Runs the function of a recipe's step once, in a process of its own: `run_function.py CODE INPUT OUTPUT ERROR`.

CODE defines `transform(df)`. INPUT and OUTPUT are Arrow files. What goes wrong is written to ERROR as JSON with the line
of the code. Standard input is a pipe that only the parent holds, so that this process ends when the parent does.
"""

import json
import linecache
import os
import sys
import threading
import traceback

NAME = "<function>"


def end_with_the_parent() -> None:
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # the function itself finds nothing to read

    def wait() -> None:
        os.read(pipe, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def run(source: str, input_path: str, output_path: str) -> None:
    import polars as pl

    space = {"__name__": "__recipe__", "pl": pl}
    exec(compile(source, NAME, "exec"), space)
    transform = space.get("transform")
    if not callable(transform):
        raise TypeError("the code defines no function `transform`: write `def transform(df: pl.DataFrame) -> pl.DataFrame:`")
    made = transform(pl.read_ipc(input_path))
    if not isinstance(made, pl.DataFrame):
        remedies = {"LazyFrame": "call .collect() on it", "NoneType": "end it with `return df`", "Series": "call .to_frame() on it"}
        kind = type(made).__name__
        library = type(made).__module__.split(".")[0]
        remedy = "give it to pl.from_pandas" if library == "pandas" else remedies.get(kind, "build one with pl.DataFrame")
        found = "nothing" if made is None else f"a {kind}" if library == "builtins" else f"a {library} {kind}"
        raise TypeError(f"`transform` returned {found}, not a polars DataFrame: {remedy}")
    made.write_ipc(output_path)


def failure(error: BaseException) -> dict:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME]
    if isinstance(error, SyntaxError) and error.filename == NAME:
        lines = [error.lineno]
        text = error.msg
    else:
        text = str(error)
    return {"kind": type(error).__name__, "text": text[:2000], "line": lines[-1] if lines else None}


def main() -> int:
    code_path, input_path, output_path, error_path = sys.argv[1:]
    end_with_the_parent()
    sys.path[0] = os.getcwd()  # modules of the workspace, as in a notebook
    with open(code_path, encoding="utf-8") as file:
        source = file.read()
    linecache.cache[NAME] = (len(source), None, source.splitlines(True), NAME)
    try:
        run(source, input_path, output_path)
    except BaseException as error:  # SystemExit and KeyboardInterrupt end the function too
        with open(error_path, "w", encoding="utf-8") as file:
            json.dump(failure(error), file)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # threads that the function left behind are not waited for
