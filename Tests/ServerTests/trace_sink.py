"""An OpenTelemetry collector for tests: it takes traces by OTLP over HTTP and keeps them."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from client import eventually
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class TraceSink:
    """`spans` are what came, in the form of the protocol; `status` is what it answers, after `delay` seconds."""

    def __init__(self, port=0):
        self.bodies, self.heads, self.resources, self.spans = [], [], [], []
        self.status, self.delay = 200, 0
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(sink.delay)
                if sink.status == 200:
                    sink.take(self.path, dict(self.headers), body)
                self.send_response(sink.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, path, head, body):
        request = ExportTraceServiceRequest.FromString(body)
        self.bodies.append(body)
        self.heads.append({"path": path} | {name.lower(): value for name, value in head.items()})
        for resource in request.resource_spans:
            self.resources.append(attributes(resource.resource))
            for scope in resource.scope_spans:
                assert scope.scope.name == "mynah"
                self.spans += scope.spans

    def trace(self, request_id, *names):
        """The spans of the trace that a request belongs to, by their names, once all of these are there."""

        def found():
            roots = [span for span in list(self.spans) if attributes(span).get("mynah.request.id") == request_id]
            spans = {span.name: span for span in list(self.spans) if roots and span.trace_id == roots[0].trace_id}
            return spans if roots and set(names) <= set(spans) else None

        spans = eventually(found, 60)
        assert spans, f"no trace of {request_id} with {names}; there are {sorted({span.name for span in self.spans})}"
        return spans

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def attributes(holder):
    """The attributes of a span or a resource as a dictionary."""
    found = {}
    for pair in holder.attributes:
        kind = pair.value.WhichOneof("value")
        value = getattr(pair.value, kind)
        found[pair.key] = [item.string_value for item in value.values] if kind == "array_value" else value
    assert len(found) == len(holder.attributes), "an attribute is there twice"
    return found
