"""A TCP proxy that a test can cut, delay, corrupt, or redirect."""

import asyncio
import threading


class Proxy:
    """A proxy between a server and its database. `corrupt` and `cut_when` inspect the bytes to the database."""

    def __init__(self, port):
        self.target = port
        self.seconds = 0.0
        self.is_open = True
        self.corrupt_next = False
        self.cut_before = self.cut_after = None
        self.cuts = 0
        self._pairs = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=256))
        self.port = self._server.sockets[0].getsockname()[1]

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def cut(self):
        """Ends every connection abruptly, in the middle of any message."""

        async def abort():
            for pair in list(self._pairs):
                self._abort(pair)

        self._run(abort())

    def refuse(self):
        self.is_open = False
        self.cut()

    def accept(self):
        self.is_open = True

    def close(self):
        self.refuse()
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _abort(self, pair):
        self.cuts += 1
        self._pairs.discard(pair)
        for writer in pair:
            writer.transport.abort()

    async def _serve(self, reader, writer):
        if not self.is_open:
            return writer.transport.abort()
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return writer.transport.abort()
        pair = (writer, back)
        self._pairs.add(pair)
        await asyncio.gather(self._carry(reader, back, pair, True), self._carry(there, writer, pair, False))
        self._pairs.discard(pair)

    async def _carry(self, reader, writer, pair, is_request):
        try:
            while data := await reader.read(65536):
                if self.seconds:
                    await asyncio.sleep(self.seconds)
                if is_request and self.cut_before and self.cut_before in data:
                    self.cut_before = None
                    return self._abort(pair)
                if not is_request and self.corrupt_next:
                    self.corrupt_next = False
                    data = bytes(byte ^ 0xA5 for byte in data)
                writer.write(data)
                await writer.drain()
                if is_request and self.cut_after and self.cut_after in data:
                    self.cut_after = None
                    # Long enough for the database to execute it, with the response lost.
                    pair[0].transport.pause_reading()
                    await asyncio.sleep(0.2)
                    return self._abort(pair)
        except (ConnectionError, OSError):
            pass
        finally:
            writer.close()
