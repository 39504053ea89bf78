"""The widget's files: their size, how a website loads them, and how the guide says it."""

import re
import time

from mynah_process import ROOT
from playwright.sync_api import expect
from widget_answers import signed


def test_the_widget_is_small(shop, visit, mynah):
    visitor = visit()
    finished = []
    visitor.page.on("requestfinished", lambda request: finished.append(request))

    def sizes():
        """The bytes of scripts as the server sent them, compressed."""
        scripts = [request for request in finished if request.url.startswith(mynah.url) and request.url.endswith(".js")]
        return {request.url.removeprefix(mynah.url): request.sizes()["responseBodySize"] for request in scripts}

    visitor.page.goto(shop.serve())
    visitor.page.wait_for_load_state("networkidle")
    first = sizes()
    assert list(first) == ["/widget.js"] and 1_000 < first["/widget.js"] <= 3_000
    took = visitor.page.evaluate("""async () => {
        const started = performance.now();
        await new Promise((done) => { Mynah.on("ready", done); Mynah.open(); });
        return performance.now() - started;
    }""")
    visitor.page.wait_for_load_state("networkidle")
    both = sizes()
    print(both, sum(both.values()), f"{took:.0f} ms")
    assert set(both) == {"/widget.js", "/assets/widget/panel.js"} and sum(both.values()) <= 25_000
    # A second visit asks only whether the panel is still the same.
    visitor.page.reload()
    visitor.launcher.click()
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()


def test_the_loader_is_served_for_every_website(shop, mynah):
    first = shop.http.get("/widget.js")
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in first.headers["Cache-Control"]
    again = shop.http.get("/widget.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content and again.headers["ETag"] == first.headers["ETag"]
    assert shop.http.get("/widget.js", headers={"If-None-Match": '"other"'}).status_code == 200
    panel = shop.http.get("/assets/widget/panel.js")
    assert panel.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    known = {"If-None-Match": f'"x", W/{panel.headers["ETag"]}'}
    assert shop.http.get("/assets/widget/panel.js", headers=known).status_code == 304
    # Compressed for those that take it, and never given to others by a cache.
    assert panel.headers["Content-Encoding"] == "gzip" and panel.headers["Vary"] == "Accept-Encoding"
    for accepted in ("identity", "br", "gzip;q=0, br", "gzip; q=0.000"):
        plain = shop.http.get("/assets/widget/panel.js", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in plain.headers and plain.text == panel.text
        assert plain.headers["ETag"] != panel.headers["ETag"]
    assert shop.http.get(
        "/assets/widget/panel.js", headers={"Accept-Encoding": "br;q=1.0, GZIP;q=0.5"}).headers["Content-Encoding"] == "gzip"
    # Other scripts of the console are its own.
    other = shop.http.get("/assets/app.js")
    assert other.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in other.headers
    assert shop.http.get("/assets/widget/missing.js").status_code == 404


def test_a_policy_of_nonces_is_enough(shop, visit, mynah):
    address = shop.website.serve(mynah.url, shop.script().replace("<script", '<script nonce="abc"'))
    shop.website.files["/"][2]["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src {mynah.url}; style-src 'self'; "
        "img-src data:; base-uri 'none'; object-src 'none'")
    visitor = visit()
    visitor.open(address)
    visitor.say("Hi.")
    visitor.finished()
    # A router that puts another body in the place of this one does not lose the widget.
    visitor.page.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(visitor.launcher).to_be_visible()
    visitor.launcher.click()
    expect(visitor.messages).to_have_count(2)


def test_a_loader_of_an_older_release_finds_its_modules(shop, mynah):
    for name in ("panel", "thread", "chat", "client", "texts", "style", "lexer", "files"):
        module = shop.http.get(f"/assets/widget/{name}.js", headers={"Origin": shop.website.url})
        assert module.status_code == 200 and module.headers["Access-Control-Allow-Origin"] == "*", name
    # All in one, without an import of another.
    panel = shop.http.get("/assets/widget/panel.js").text
    assert not re.search(r"(^|[\n;])import ", panel) and len(re.findall(r"[\n;]export const { Panel }", panel)) == 1


def test_a_site_can_serve_the_loader_itself(shop, visit, mynah):
    source = (ROOT / "Web/widget/loader.js").read_text(encoding="utf-8")
    shop.website.files["/static/widget.js"] = ("text/javascript", source, {})
    script = f'<script src="/static/widget.js" data-key="{shop.key}" data-server="{mynah.url}/" async></script>'
    visitor = visit()
    visitor.open(shop.website.serve(mynah.url, script))
    expect(visitor.panel.get_by_text("Hello! Ask me.")).to_be_visible()
    assert f"{mynah.url}/widget.js" not in visitor.requests


def test_the_guide_works_as_it_is_written(shop, visit, mynah):
    guide = (ROOT / "docs/guides/website.md").read_text(encoding="utf-8").replace("https://chat.example.com", mynah.url)

    def blocks(language):
        return re.findall(rf"^```{language}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)

    secret = shop.call("GET", f"/chatbots/{shop.bot}/signing-secret")["signing_secret"]
    token = signed(secret, sub="customer-7", exp=int(time.time()) + 3600)
    words, listens, identifies = blocks("js")
    shop.website.files |= {
        "/before.js": ("text/javascript", f"(window.Mynah ||= []).push(['on', 'reply', () => {{}}]); {words} {listens}", {}),
        "/after.js": ("text/javascript", f"addEventListener('load', () => {{ {identifies} }});", {}),
        "/chat-token": ("text/plain", token, {}),
    }
    address = shop.website.serve(
        mynah.url, '<script src="/before.js"></script>' + blocks("html")[0].replace("mk_pub_…", shop.key)
        + '<script src="/after.js"></script>', style=blocks("css")[0])
    kind, body, headers = shop.website.files["/"]
    headers["Content-Security-Policy"] = blocks("text")[0].strip() + "; img-src data:"
    visitor = visit()
    heard = []
    visitor.page.on("console", lambda message: heard.append(message.text))
    visitor.open(address)
    visitor.t = visitor.t | {"send": "Senden"}
    expect(visitor.launcher).to_have_accessible_name("Chat schließen")
    assert visitor.panel.evaluate("node => getComputedStyle(node).borderRadius") == "8px"
    assert visitor.launcher.evaluate("node => getComputedStyle(node).bottom") == "80px"
    visitor.say("Wo ist meine Lampe?")
    visitor.finished()
    assert [text.strip() for text in heard] == ["Hello."]
    assert {entry["id"] for entry in shop.call("GET", f"/chatbots/{shop.bot}/users")["data"]} == {"customer-7"}


def test_the_guides_snippets_work_as_they_are_written(shop, visit, mynah):
    guide = (ROOT / "docs/guides/website.md").read_text(encoding="utf-8")
    guide = guide.replace("https://chat.example.com", mynah.url).replace("mk_pub_…", shop.key)
    react, php = (re.search(rf"^```{language}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)[1] for language in ("jsx", "php"))
    # React calls an effect when the component is on the page, in development twice.
    shop.website.files["/react.js"] = ("text/javascript", "export const useEffect = (run) => { run(); run(); };", {})
    shop.website.files["/chat.js"] = ("text/javascript", react.replace('"react"', '"/react.js"') + "ChatWidget();", {})
    for scripts in ('<script src="/chat.js" type="module"></script>', re.search(r"echo '(.*)';", php)[1]):
        address = shop.website.serve(mynah.url, scripts)
        policy = shop.website.files["/"][2]
        policy["Content-Security-Policy"] = policy["Content-Security-Policy"].replace("require-trusted-types-for 'script'; ", "")
        visitor = visit()
        visitor.open(address)
        expect(visitor.launcher).to_have_count(1)
        visitor.say("আমার বাতি কোথায়? 🚚")
        visitor.finished()
        # A router of the site's puts another page in the place of this one.
        visitor.page.evaluate("document.body.replaceWith(document.createElement('body'))")
        visitor.launcher.click()
        expect(visitor.messages).to_have_count(2)
