"""Speaks MessagePack: buys what is offered at LIMIT or below: `messagepack_bot.py SYMBOL LIMIT QUANTITY`."""

import asyncio
import sys

from exchange import Line, place_once


async def main():
    name, limit, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

    async def connect():
        return await Line("/orders", "msgpack").__aenter__()

    orders = await connect()
    async with Line("/market-data", "msgpack") as market:
        await market.request("subscribe", channels=["bbo"], symbols=[name])
        while wanted > 0 and (push := await market.pushes.get()) is not None:
            ask = push["data"].get("ask")
            if push["stream"] != "bbo" or ask is None or ask[0] > limit:
                continue
            terms = {"symbol": push["data"]["symbol"], "side": "BUY", "type": "LIMIT", "time_in_force": "IOC"}
            orders, state = await place_once(
                orders, connect, **terms, price=ask[0], quantity=min(ask[1], wanted)
            )
            if state["filled_quantity"] > 0:
                print("bought", state["filled_quantity"], "@", state["average_price"], flush=True)
                wanted -= state["filled_quantity"]
    await orders.__aexit__()


asyncio.run(main())
