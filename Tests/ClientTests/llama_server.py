"""The packaged model on llama.cpp's server, started as Mynah starts it, for comparison with Mynah between."""

import subprocess

from mynah_process import ROOT

KEY = "llama-key"
ALIAS = "smollm2-135m-instruct"


class LlamaServer:
    def __init__(self, context=8192, slots=2):
        folder = ROOT / "LocalModel"
        self.process = subprocess.Popen(
            [folder / ".venv/bin/python", "-I", "-u", folder / "serve.py", "--alias", ALIAS, "--context", str(context),
             "--slots", str(slots), "--threads", "1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.process.stdin.write(KEY + "\n")
        self.process.stdin.flush()
        self.url = self.process.stdout.readline().strip()
        assert self.url, "llama.cpp did not start"

    def settings(self):
        """Returns the settings of a mynah whose provider is this server."""
        return {"LLM_PROVIDER": "openai", "LLM_MODEL": ALIAS, "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": self.url + "/v1"}

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
