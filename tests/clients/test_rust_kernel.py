"""The Rust kernel as Jupyter sees it: jupyter_kernel_test in full, ipykernel beside it as a control, and what cells do."""

import json
import os
import signal
import time
from pathlib import Path
from queue import Empty

import jupyter_kernel_test
import pytest
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

KERNEL = Path(os.environ["ATELIER_BIN"]).parent / "atelier-rust-kernel"
# Compiling on two loaded cores is slow.
PATIENCE = 240
jupyter_kernel_test.TIMEOUT = PATIENCE


def start(*argv: str, env: dict | None = None):
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[*(argv or (str(KERNEL), "--connection-file")), "{connection_file}"],
        display_name="Rust (Atelier)",
        language="rust",
        interrupt_mode="message",
    )
    manager.start_kernel(env={**os.environ, **(env or {})})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    return manager, client


class TestRust(jupyter_kernel_test.KernelTests):
    kernel_name = "rust"
    language_name = "rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world")'
    code_stderr = 'eprintln!("test")'
    completion_samples = [{"text": ":ver", "matches": {":version"}}, {"text": "pri"}, {"text": "Vec::"}]
    complete_code_samples = ["1 + 1", "fn f() {}", "let x = vec![1];", 'println!("({[");', ":dep serde"]
    incomplete_code_samples = ["fn f() {", "let x =", "vec![1,", '"text', "/* more"]
    invalid_code_samples = ["let v = (1];", "import pandas as pd", "fn f() }"]
    code_generate_error = "let x: i32 = nothing;"
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": "vec![1, 2]", "result": "[1, 2]"}]
    code_display_data = [
        {"code": 'println!("EVCXR_BEGIN_CONTENT image/png\\niVBORw0KGgo=\\nEVCXR_END_CONTENT");', "mime": "image/png"},
        {"code": 'atelier::display(&atelier::html("<b>x</b>"));', "mime": "text/html"},
    ]
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = ":version"
    code_history_pattern = "6 * 7"
    code_clear_output = "atelier::clear(false);"

    @classmethod
    def setUpClass(cls) -> None:
        cls.km, cls.kc = start()


class TestPython(jupyter_kernel_test.KernelTests):
    """The same tests pass for the kernel that everybody knows, so they test what they say."""

    kernel_name = "python3"
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    complete_code_samples = ["1", "print('hello, world')"]
    incomplete_code_samples = ["print('''hello"]
    invalid_code_samples = ["import = 7q"]
    code_generate_error = "raise"
    code_execute_result = [{"code": "6 * 7", "result": "42"}]
    code_display_data = [{"code": "from IPython.display import HTML, display; display(HTML('<b>x</b>'))", "mime": "text/html"}]


@pytest.fixture(scope="module")
def rust():
    manager, client = start()
    yield Session(manager, client)
    client.stop_channels()
    manager.shutdown_kernel()


class Session:
    def __init__(self, manager, client):
        self.manager, self.client = manager, client

    def run(self, code: str, answers=(), when_text: str | None = None, **options):
        """The reply and all outputs of a cell. Interrupts it once `when_text` was printed."""
        answers = list(answers)
        request = self.client.execute(code, allow_stdin=bool(answers), **options)
        outputs, printed, deadline = [], "", time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if answers:
                    self.client.get_stdin_msg(timeout=0.05)
                    self.client.input(answers.pop(0))
            except Empty:
                pass
            try:
                message = self.client.get_iopub_msg(timeout=0.2)
            except Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind not in ("status", "execute_input"):
                outputs.append((kind, content))
            if kind == "stream":
                printed += content["text"]
                if when_text and when_text in printed:
                    when_text = None
                    self.manager.interrupt_kernel()
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"], outputs

    def value(self, code: str) -> str:
        reply, outputs = self.run(code)
        assert reply["status"] == "ok", reply
        return next((content["data"]["text/plain"] for kind, content in outputs if kind == "execute_result"), "")

    def error(self, code: str, **options) -> dict:
        reply, outputs = self.run(code, **options)
        assert reply["status"] == "error", outputs
        assert [content["ename"] for kind, content in outputs if kind == "error"] == [reply["ename"]]
        return reply


def test_variables_functions_and_types_stay(rust):
    assert rust.value("let mut words = vec![\"a\".to_string()];\nstruct Point { x: i32 }\nfn double(x: i32) -> i32 { 2 * x }") == ""
    assert rust.value("words.push(\"b\".into()); words") == '["a", "b"]'
    assert rust.value("use std::collections::HashMap;\nlet mut table = HashMap::new();\ntable.insert(\"k\".to_string(), 1.5);\ntable.len()") == "1"
    assert rust.value("let p = Point { x: double(table.len() as i32) }; p.x") == "2"
    assert rust.value("let words = words.len(); words") == "2"


def test_a_moved_variable_is_gone(rust):
    rust.value("let gone = vec![1]; let here = 2_usize;")
    assert rust.value("let taken = gone; taken.len() + here") == "3"
    assert rust.error("gone")["ename"] == "E0425"
    assert rust.value("here") == "2"


def test_diagnostics_have_places_in_the_cell(rust):
    reply = rust.error("let a = 1;\n  let b: i32 = \"text\";")
    assert reply["ename"] == "E0308"
    found = reply["diagnostics"]
    assert [(d["line"], d["column"], d["end_line"], d["end_column"], d["level"]) for d in found] == [(2, 16, 2, 22, "error")]
    assert "cell:2:16" in "\n".join(reply["traceback"])


def test_a_borrow_between_variables_is_explained(rust):
    reply = rust.error("let owner = String::new();\nlet borrowed = &owner;")
    assert "stays for later cells" in reply["evalue"]


def test_panics_and_errors_keep_what_was_there(rust):
    rust.value("let kept = 41;")
    reply = rust.error("let lost = 1;\npanic!(\"no {kept}\")")
    assert (reply["ename"], reply["evalue"]) == ("Panic", "no 41")
    assert reply["diagnostics"][0]["line"] == 2
    assert rust.error("let n: i32 = \"x\".parse()?;")["ename"] == "Error"
    assert rust.value("kept + 1") == "42"
    assert rust.error("lost")["ename"] == "E0425"


@pytest.mark.parametrize("code", ["loop {}", "std::thread::sleep(std::time::Duration::from_secs(3600));"])
def test_an_interrupt_keeps_the_variables(rust, code):
    rust.value("let before = vec![1, 2, 3]; let moved = 5;")
    reply = rust.error(f'println!("begun"); let _away = before; {code}', when_text="begun")
    assert reply["ename"] == "Interrupted"
    assert "as they were" in reply["evalue"]
    assert rust.value("before") == "[1, 2, 3]"
    assert rust.value("moved") == "5"


def test_a_crash_keeps_the_variables(rust):
    rust.value("let steady = 7;")
    for code in ["std::process::abort();", "std::process::exit(3);", "unsafe { *(8 as *mut u8) = 1; }"]:
        assert rust.error(code)["ename"] == "Died"
        assert rust.value("steady") == "7"


def test_where_threads_live_an_interrupt_says_what_is_lost(rust):
    rust.value("let doomed = 1;\nstd::thread::spawn(|| loop { std::thread::park(); });")
    reply = rust.error('println!("begun"); loop {}', when_text="begun")
    assert "lost" in reply["evalue"] and "doomed" in reply["evalue"]
    assert rust.value("1 + 1") == "2"


def test_text_streams_while_the_cell_runs(rust):
    reply, outputs = rust.run('println!("one"); eprintln!("two"); print!("three");')
    text = {name: "".join(c["text"] for kind, c in outputs if kind == "stream" and c["name"] == name) for name in ("stdout", "stderr")}
    assert text == {"stdout": "one\nthree", "stderr": "two\n"}


def test_all_blocks_of_one_kind_are_shown(rust):
    block = 'println!("EVCXR_BEGIN_CONTENT text/html\\n<i>{i}</i>\\nEVCXR_END_CONTENT");'
    _, outputs = rust.run(f"for i in 0..3 {{ {block} }}")
    assert [content["data"]["text/html"] for kind, content in outputs if kind == "display_data"] == ["<i>0</i>", "<i>1</i>", "<i>2</i>"]


def test_a_cell_asks_for_input(rust):
    code = "let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();\nline"
    reply, outputs = rust.run(code, answers=["Ada"])
    assert reply["status"] == "ok"
    assert outputs[-1][1]["data"]["text/plain"] == '"Ada\\n"'
    reply, outputs = rust.run('atelier::input("Name? ")', answers=["Grace"])
    assert outputs[-1][1]["data"]["text/plain"] == '"Grace"'


def test_polars_and_plotters_need_no_dep(rust):
    rust.value("use polars::prelude::*;")
    reply, outputs = rust.run('let frame = df!("a" => [1, 2, 3])?;\nframe.clone().lazy().filter(col("a").gt(lit(1))).collect()?')
    assert reply["status"] == "ok", reply
    data = outputs[-1][1]["data"]
    assert "shape: (2, 1)" in data["text/plain"] and "<table" in data["text/html"]
    reply, outputs = rust.run("atelier::figure((80, 60), |area| { area.fill(&plotters::style::RED)?; Ok(()) })?")
    assert outputs[-1][1]["data"]["image/svg+xml"].startswith("<svg")
    reply, _ = rust.run("", user_expressions={"all": ":variables"})
    variables = {one["name"]: one for one in reply["user_expressions"]["all"]["data"]["application/json"]}
    assert variables["frame"]["is_table"] and variables["frame"]["shape"] == "3 × 1"


def test_a_kernel_started_for_nobody_is_given_a_folder_and_variables(rust, tmp_path):
    desk = {"folder": str(tmp_path), "env": [["ATELIER_TEST_DESK", "it's this"]]}
    reply, _ = rust.run("", silent=True, user_expressions={"x": f":enter {json.dumps(desk)}"})
    assert reply["user_expressions"]["x"]["status"] == "ok"
    where = 'println!("{}", std::env::current_dir()?.display());\nstd::env::var("ATELIER_TEST_DESK")?'
    for before in ("", ":restart"):
        rust.run(before)
        _, outputs = rust.run(where)
        assert "".join(content["text"] for kind, content in outputs if kind == "stream") == f"{tmp_path}\n"
        assert outputs[-1][1]["data"]["text/plain"] == '"it\'s this"'


def test_a_display_is_replaced(rust):
    _, outputs = rust.run('let shown = atelier::display_as("here", &atelier::markdown("one"));')
    assert (outputs[0][0], outputs[0][1]["transient"]) == ("display_data", {"display_id": "here"})
    _, outputs = rust.run('shown.update(&atelier::markdown("two"));')
    assert (outputs[0][0], outputs[0][1]["data"]["text/markdown"]) == ("update_display_data", "two")


def test_without_a_compiler_every_cell_says_what_to_install(tmp_path):
    manager, client = start(env={"PATH": str(tmp_path), "HOME": str(tmp_path), "CARGO_HOME": str(tmp_path)})
    try:
        client.execute("1")
        reply = client.get_shell_msg(timeout=PATIENCE)["content"]
        assert reply["status"] == "error" and "rustup.rs" in reply["evalue"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def runs(pid: int) -> bool:
    """Whether there is such a process that is more than an entry in a list."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_nothing_outlives_the_kernel():
    manager, client = start()
    session = Session(manager, client)
    pid = int(session.value("std::process::id()"))
    client.execute('println!("begun"); loop {}')
    while client.get_iopub_msg(timeout=PATIENCE)["content"].get("text") != "begun\n":
        pass
    manager.signal_kernel(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not runs(pid)
    client.stop_channels()
    manager.cleanup_resources()
