"""Keeps a bid and an offer around a price: `market_maker.py SYMBOL PRICE`.

Its fills move the price: one cent down for each share it holds more than at the start, one up for each it holds less.
"""

import asyncio
import sys

from exchange import Line, Lost, Refused, place_once

HALF_SPREAD = 3
QUANTITY = 5
# The exchange cancels all orders when this program has not called `cancel_all_after` for so long.
HANGS_AFTER_MS = 10_000
WOULD_CROSS, UNKNOWN_ORDER, NO_SHARES = 40901, 40004, 40907


class Maker:
    def __init__(self, orders, symbol, price):
        self.orders, self.symbol, self.price = orders, symbol, price
        self.quotes = {}
        self.shares = self.shares_at_start = 0

    async def connect(self):
        return await Line("/orders").__aenter__()

    async def quote(self, side):
        away = -HALF_SPREAD if side == "BUY" else HALF_SPREAD
        price = self.price + away - (self.shares - self.shares_at_start)
        open = self.quotes.get(side)
        if open is not None and open["price"] == price:
            return
        try:
            if open is None:
                order = {"symbol": self.symbol, "side": side, "type": "LIMIT", "price": price}
                self.orders, state = await place_once(
                    self.orders, self.connect, **order, quantity=QUANTITY, post_only=True
                )
            else:
                state = await self.orders.request("order.amend", order_id=open["order_id"], price=price)
            self.quotes[side] = state
            print(side, state["quantity"] - state["filled_quantity"], "@", price, flush=True)
        except Refused as refused:
            # It was filled meanwhile, or would have traded at once: the next event makes a new quote.
            if refused.code == UNKNOWN_ORDER:
                self.quotes.pop(side, None)
            elif refused.code not in (WOULD_CROSS, NO_SHARES):
                raise

    async def on_event(self, event):
        if event["event"] == "snapshot":
            held = {each["symbol"]: each["total"] for each in event["positions"]}
            self.shares = self.shares_at_start = held.get(self.symbol, 0)
        elif event["event"] == "position" and event["symbol"] == self.symbol:
            self.shares = event["total"]
        elif event["event"] == "order":
            side, fill = event["side"], event.get("last_fill")
            if fill is not None:
                print("filled", side, fill["quantity"], "@", fill["price"], flush=True)
            if event["status"] in ("ACCEPTED", "PARTIALLY_FILLED"):
                return
            if self.quotes.get(side, {}).get("order_id") == event["order_id"]:
                del self.quotes[side]
        else:
            return
        await self.quote("BUY")
        await self.quote("SELL")


async def stay_alive(maker):
    while True:
        try:
            await maker.orders.request("orders.cancel_all_after", timeout_ms=HANGS_AFTER_MS)
        except Lost:
            # The next order opens another line, and this goes on there.
            pass
        await asyncio.sleep(HANGS_AFTER_MS / 4000)


async def main():
    name, price = sys.argv[1], int(sys.argv[2])
    async with Line("/market-data") as market:
        symbol = (await market.request("symbols.get", symbol=name))["symbol"]
    async with Line("/orders") as orders, Line("/user-data") as events:
        maker = Maker(orders, symbol, price)
        alive = asyncio.create_task(stay_alive(maker))
        while (push := await events.pushes.get()) is not None:
            if push["stream"] == "user_data":
                await maker.on_event(push["data"])
        alive.cancel()


asyncio.run(main())
