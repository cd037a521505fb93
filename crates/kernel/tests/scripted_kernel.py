"""A kernel that says what its cells tell it to: a cell is a JSON list of steps, which are taken in their order.

{"say": KIND, "content": {...}}     publishes a message; with "buffers": N there are N bytes of it; with "parent" it
                                    belongs to the request of the cell before ("last") or to none that was ever made
{"reply": {...}}                    answers the cell; done at the end where no step does it, as is {"idle": true}
{"times": N, "steps": [...]}        takes steps N times, `#` in them being the number of the turn
{"pause": SECONDS}                  rests
{"wait": KIND}                      waits for a control request and answers it
{"forge": KIND} and {"raw": [...]}  publish what no client should take in: wrongly signed, or no message at all
{"exit": CODE}                      ends the process
"""

import json
import os
import signal
import sys
import time

import zmq
from jupyter_client.session import Session

NOBODY = {"msg_id": "nobody", "msg_type": "execute_request", "session": "none", "username": "none"}
# Who interrupts it by a signal, instead of the message that its kernelspec asks for, finds it dead.
signal.signal(signal.SIGINT, signal.SIG_DFL)

with open(sys.argv[1]) as connection:
    told = json.load(connection)
session = Session(key=told["key"].encode(), signature_scheme=told["signature_scheme"])
stranger = Session(key=b"another", signature_scheme=told["signature_scheme"])
context = zmq.Context()


def bind(kind: int, number: int) -> zmq.Socket:
    socket = context.socket(kind)
    # Nothing is lost on this side.
    socket.set_hwm(0)
    socket.bind(f"ipc://{told['ip']}-{number}")
    return socket


shell, output, stdin, control, heartbeat = (
    bind(kind, number) for kind, number in [(zmq.ROUTER, 1), (zmq.PUB, 2), (zmq.ROUTER, 3), (zmq.ROUTER, 4), (zmq.REP, 5)]
)


def state(name: str, parent) -> None:
    session.send(output, "status", {"execution_state": name}, parent=parent)


class Cell:
    def __init__(self, ident, request, last):
        self.ident, self.request = ident, request
        self.parents = {"own": request, "last": last or NOBODY, "nobody": NOBODY}
        self.replied = self.idle = False

    def play(self, steps) -> None:
        for step in steps:
            if "steps" in step:
                text = json.dumps(step["steps"])
                for turn in range(step["times"]):
                    self.play(json.loads(text.replace("#", str(turn))))
            elif "say" in step:
                buffers = [bytes(step["buffers"])] if "buffers" in step else None
                parent = self.parents[step.get("parent", "own")]
                session.send(output, step["say"], step["content"], parent=parent, buffers=buffers)
            elif "reply" in step:
                self.replied = True
                session.send(shell, "execute_reply", step["reply"], parent=self.request, ident=self.ident)
            elif "idle" in step:
                self.idle = True
                state("idle", self.request)
            elif "pause" in step:
                time.sleep(step["pause"])
            elif "wait" in step:
                while answer_control() != step["wait"]:
                    pass
            elif "forge" in step:
                stranger.send(output, step["forge"], {"name": "stdout", "text": "forged"}, parent=self.request)
            elif "raw" in step:
                output.send_multipart([part.encode() for part in step["raw"]])
            elif "exit" in step:
                os._exit(step["exit"])

    def run(self) -> None:
        self.play(json.loads(self.request["content"]["code"]))
        if not self.replied:
            self.play([{"reply": {"status": "ok", "execution_count": 1}}])
        if not self.idle:
            self.play([{"idle": True}])


def answer_control() -> str:
    ident, request = session.recv(control, mode=0)
    kind = request["msg_type"]
    session.send(control, kind.replace("_request", "_reply"), {"status": "ok"}, parent=request, ident=ident)
    if kind == "shutdown_request":
        sys.exit()
    return kind


def answer_shell(last):
    ident, request = session.recv(shell, mode=0)
    state("busy", request)
    if request["msg_type"] == "execute_request" and not request["content"]["silent"]:
        Cell(ident, request, last).run()
        return request
    content = {"status": "ok", "protocol_version": "5.3", "language_info": {"name": "script"}}
    session.send(shell, request["msg_type"].replace("_request", "_reply"), content, parent=request, ident=ident)
    state("idle", request)
    return last


poller = zmq.Poller()
poller.register(shell, zmq.POLLIN)
poller.register(control, zmq.POLLIN)
last = None
while True:
    ready = dict(poller.poll())
    if control in ready:
        answer_control()
    if shell in ready:
        last = answer_shell(last)
