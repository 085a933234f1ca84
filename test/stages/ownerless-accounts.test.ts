import { expect, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import { openRealExchange } from "../gateway/real-exchange.ts";

test("a start warns of accounts that hold something and belong to nobody, until they are emptied", async () => {
  await using real = await openRealExchange();
  await real.createUser();
  const { OPEN_ACCOUNT, DEPOSIT_CASH } = CommandKind;
  const deposit = (amount: number) =>
    real.exchange.control.submit({ kind: DEPOSIT_CASH, account: 2, amount });
  await real.exchange.control.submit({ kind: OPEN_ACCOUNT, account: 2, actor: 2 });
  await real.exchange.control.submit({ kind: OPEN_ACCOUNT, account: 3, actor: 3 });
  await deposit(500);
  await real.restart();
  expect(real.warnings).toEqual(["accounts hold something and belong to no user"]);
  await deposit(-500);
  await real.restart();
  expect(real.warnings).toHaveLength(1);
});
