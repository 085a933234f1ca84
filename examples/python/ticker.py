"""Prints last price and best bid and ask whenever they change: `ticker.py SYMBOL…`; without SYMBOL, of all symbols."""

import asyncio
import sys

from exchange import Line


async def main():
    async with Line("/market-data") as line:
        await line.request("subscribe", channels=["ticker"], symbols=sys.argv[1:] or ["*"])
        while (push := await line.pushes.get()) is not None:
            data = push["data"]
            if push["stream"] != "ticker":
                continue
            bid, ask = (data[side] and data[side][0] for side in ("bid", "ask"))
            print(f"{data['symbol']} last {data['last'] or '-'} bid {bid or '-'} ask {ask or '-'}", flush=True)


asyncio.run(main())
