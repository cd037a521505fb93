"""What a user would write by hand to serve an XGBoost model: FastAPI, one worker, the library's own predict."""

import socket
import sys

import numpy
import uvicorn
import xgboost
from fastapi import FastAPI, Request, Response

booster = xgboost.Booster()
booster.load_model(sys.argv[1])
booster.set_param({"nthread": 1})
app = FastAPI()


@app.post("/invocations")
async def invocations(request: Request) -> Response:
    rows = numpy.loadtxt((await request.body()).decode().splitlines(), delimiter=",", ndmin=2)
    scores = booster.inplace_predict(rows)
    return Response("\n".join(str(score) for score in scores), media_type="text/csv")


# With the protocol named, asyncio turns off Nagle's algorithm, as it does for sockets of its own making.
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
listener.listen(4096)
print(f"ready at http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
