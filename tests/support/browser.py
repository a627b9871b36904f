"""A headless Chromium that tests drive through its own debugging protocol, over a pipe: no network, and nothing but Python's library."""
import itertools
import json
import os
import select
import shutil
import subprocess
import time

LIMIT = 120


def chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """One page at a time. `messages` has what it prints and throws, `requests` what it requests from a network."""

    def __init__(self, profile, width=1200, height=900):
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def place():  # the protocol is on descriptors 3 and 4
            kept = [os.dup(to_browser), os.dup(from_browser)]
            os.dup2(kept[0], 3)
            os.dup2(kept[1], 4)

        self.process = subprocess.Popen(
            [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={profile}", f"--window-size={width},{height}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=place)
        os.close(to_browser)
        os.close(from_browser)
        self.numbers = itertools.count(1)
        self.buffer = b""
        self.messages, self.requests, self.loaded = [], [], False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    session = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.write_end)
        os.close(self.read_end)
        self.process.kill()
        self.process.wait()

    def receive(self, until):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], max(0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            more = os.read(self.read_end, 1 << 20)
            assert more, "the browser has ended"
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note(self, event):
        method, values = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening"):
            self.messages.append((method, json.dumps(values)[:2000]))

    def call(self, method, **values):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": values}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + LIMIT
        while True:
            answer = self.receive(until)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.note(answer)

    def open(self, path):
        self.loaded = False
        self.call("Page.navigate", url=path.as_uri())
        until = time.monotonic() + LIMIT
        while not self.loaded:
            self.note(self.receive(until))

    def run(self, expression):
        """The value of JavaScript in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression):
        """Wait until the value of JavaScript in the page is true: the effect of an event may come after the event."""
        until = time.monotonic() + LIMIT
        while not self.run(expression):
            assert time.monotonic() < until, expression
            time.sleep(0.01)

    def press(self, key, text=None):
        codes = {"Enter": 13, "Tab": 9, "Backspace": 8, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        text = text or ("\r" if key == "Enter" else key if len(key) == 1 else None)
        values = {"key": key, "code": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        if text:
            values["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **values)
        self.call("Input.dispatchKeyEvent", type="keyUp", **values)

    def rest_at(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, x, y):
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="none" if kind == "mouseMoved" else "left", clickCount=1)

    def middle(self, selector):
        """Scroll to an element, and return the place of its middle in the window. Elements that are drawn later move those below, so
        wait until two frames show it in the same place, with nothing over it."""
        return self.run("""(async () => {
            const at = document.querySelector(%s);
            for (let before = null;;) {
                at.scrollIntoView({block: 'center', behavior: 'instant'});
                for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
                const box = at.getBoundingClientRect(), place = [box.x + box.width / 2, box.y + box.height / 2];
                if (before && before[0] === place[0] && before[1] === place[1] && at.contains(document.elementFromPoint(...place)))
                    return place;
                before = place;
            }
        })()""" % json.dumps(selector))
