"""Points boto3 at the backend of a home, as `atelier env` does."""

import json
import os
import subprocess


def export(atelier: str, home: str) -> None:
    answer = subprocess.run([atelier, "env", "--home", home, "--format", "json"], check=True, capture_output=True)
    os.environ.update(json.loads(answer.stdout))
