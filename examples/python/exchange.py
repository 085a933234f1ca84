"""A small client of the exchange: the login, requests by id, pushes, and orders that are placed exactly once."""

import asyncio
import hashlib
import hmac
import itertools
import json
import os
import time
import uuid

import websockets

URL = os.environ.get("WAIVER_URL", "ws://localhost:8080").replace("http", "ws", 1)
KEY = os.environ.get("WAIVER_KEY", "")
SECRET = os.environ.get("WAIVER_SECRET", "")


class Refused(Exception):
    """The exchange refused; `code` is one of its protocol's errors, `details` what it says beyond the code."""

    def __init__(self, error):
        super().__init__(f"{error['code']} {error['message']}")
        self.code = error["code"]
        self.details = error.get("details", {})


class Lost(Exception):
    """The connection is gone, and with it the answer."""


class Line:
    """A connection to one endpoint: `async with Line("/orders") as line`. `pushes` holds what it sends unasked."""

    def __init__(self, path, encoding="json"):
        self.path = path
        self.encoding = encoding
        self.pushes = asyncio.Queue()
        self._answers = {}
        self._ids = itertools.count(1)

    async def __aenter__(self):
        self._socket = await websockets.connect(
            URL + self.path, subprotocols=[f"waiver.{self.encoding}"], max_size=None
        )
        self._reader = asyncio.create_task(self._read())
        if self.path != "/market-data":
            self.login = await self.request("auth.login", **signed_login())
        return self

    async def __aexit__(self, *_):
        await self._socket.close()
        await self._reader

    async def request(self, method, **params):
        """The result; raises `Refused` or `Lost`."""
        id = next(self._ids)
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send(self._encode({"id": id, "method": method, "params": params}))
        except websockets.ConnectionClosed as error:
            raise Lost() from error
        return await answer

    async def _read(self):
        try:
            async for frame in self._socket:
                message = self._decode(frame)
                if "stream" in message:
                    self.pushes.put_nowait(message)
                    continue
                answer = self._answers.pop(message.get("id"), None)
                if answer is None or answer.done():
                    continue
                if "error" in message:
                    answer.set_exception(Refused(message["error"]))
                else:
                    answer.set_result(message["result"])
        except websockets.ConnectionClosed:
            pass
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(Lost())
        self.pushes.put_nowait(None)

    def _encode(self, message):
        if self.encoding == "json":
            return json.dumps(message)
        import msgpack

        return msgpack.packb(message)

    def _decode(self, frame):
        if isinstance(frame, str):
            return json.loads(frame)
        import msgpack

        return msgpack.unpackb(frame)


def signed_login():
    """The secret itself is not sent. The clock has to be within 5 s of the exchange's."""
    timestamp = time.time_ns() // 1_000_000
    text = f"auth.login\n{KEY}\n{timestamp}"
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"api_key": KEY, "timestamp": timestamp, "signature": signature}


async def place_once(line, connect, **order):
    """Places an order exactly once: when the answer is lost, it looks the order up by its id and sends it again if the
    exchange does not know it.

    `connect` opens another line. Returns the line that is in use in the end, and the order's state.
    """
    order.setdefault("client_order_id", uuid.uuid4().hex)
    is_repeated = False
    while True:
        try:
            if is_repeated:
                try:
                    return line, await line.request("order.status", client_order_id=order["client_order_id"])
                except Refused as refused:
                    if refused.code != 40004:
                        raise
            return line, await line.request("order.place", **order)
        except Lost:
            is_repeated = True
            line = await connect()
