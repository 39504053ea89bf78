"""/metrics scraped by a real Prometheus."""

import shutil
import subprocess
import time

import httpx
import pytest
from client import User
from mynah_process import free_port

TOKEN = "a-token-that-prometheus-sends"


@pytest.fixture
def prometheus(tmp_path):
    """Scrapes a server every second and answers queries."""
    running = []

    def start(server):
        port = free_port()
        (tmp_path / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s}\n"
            "scrape_configs:\n"
            f"- {{job_name: mynah, authorization: {{credentials: {TOKEN}}},"
            f" static_configs: [{{targets: ['127.0.0.1:{server.port}']}}]}}\n"
        )
        running.append(
            subprocess.Popen(
                ["prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                 f"--web.listen-address=127.0.0.1:{port}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        )
        return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


def eventually(prometheus, query, expected, seconds=40):
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = prometheus.get("/api/v1/query", params={"query": query}).json()["data"]["result"]
        except (httpx.HTTPError, KeyError, ValueError):
            result = []
        values = [float(each["value"][1]) for each in result]
        if values and expected(values[0]):
            return
        assert time.monotonic() < deadline, f"{query}: {result}"
        time.sleep(0.3)


def test_a_prometheus_scrapes_what_was_counted(start, vendor, prometheus):
    server = start(METRICS_TOKEN=TOKEN)
    user = User(server)
    for _ in range(3):
        user.post("/chat", {"message": "Hi"})
    found = prometheus(server)
    eventually(found, 'up{job="mynah"}', lambda value: value == 1)
    eventually(
        found, 'mynah_http_request_duration_seconds_count{route="/chat",status="200"}', lambda value: value == 3)
    eventually(
        found, 'sum(mynah_model_tokens_total{provider="openai",direction="completion"})', lambda value: value > 0)
    eventually(
        found, "histogram_quantile(0.99, sum by (le) (mynah_model_first_token_seconds_bucket))",
        lambda value: 0 < value < 320)
    server.kill()
    eventually(found, 'up{job="mynah"}', lambda value: value == 0)


def test_the_page_is_as_promtool_wants_it(start):
    server = start(METRICS_TOKEN=TOKEN)
    User(server).post("/chat", {"message": "Hi"})
    page = httpx.get(f"{server.url}/metrics")
    assert page.status_code == 200
    assert shutil.which("promtool"), "Debian's package prometheus has it"
    checked = subprocess.run(["promtool", "check", "metrics"], input=page.content, capture_output=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_only_this_machine_or_the_token_reads_metrics(start):
    server = start(METRICS_TOKEN=TOKEN)
    for headers, status in [
        ({}, 200), ({"Authorization": f"Bearer {TOKEN}"}, 200), ({"Authorization": "Bearer guessed"}, 401),
        ({"X-Forwarded-For": "127.0.0.1"}, 401), ({"X-Real-IP": "127.0.0.1"}, 401),
        ({"Host": "localhost"}, 200), ({"Host": "LOCALHOST:1"}, 200), ({"Host": "[::1]:8000"}, 200),
        ({"Host": "evil.example"}, 401), ({"Host": "localhost.evil.example:8000"}, 401), ({"Host": "[::2]:1"}, 401),
        ({"Host": "evil.example", "Authorization": f"Bearer {TOKEN}"}, 200),
        ({"X-Forwarded-For": "10.0.0.1", "Authorization": f"Bearer {TOKEN}"}, 200),
    ]:
        assert httpx.get(f"{server.url}/metrics", headers=headers).status_code == status, headers
