"""Logs in, places an order, and prints the two answers. Arguments: url, CA file, key, secret, order."""
import asyncio, json, ssl, sys
import websockets

url, ca, key, secret, order = sys.argv[1:]


async def main():
    async with websockets.connect(url, ssl=ssl.create_default_context(cafile=ca)) as socket:
        login = {"id": 1, "method": "auth.login", "params": {"api_key": key, "api_secret": secret}}
        for request in (login, {"id": 2, "method": "order.place", "params": json.loads(order)}):
            await socket.send(json.dumps(request))
            print(await socket.recv(), flush=True)


asyncio.run(main())
