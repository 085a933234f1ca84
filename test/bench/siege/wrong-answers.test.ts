import { expect, test } from "bun:test";
import { wrongAnswers } from "../../../bench/siege/wrong-answers.ts";

test("attackers may be refused, and the exchange may be full", () => {
  const answers = {
    ok: 3,
    "42902": 7,
    "40001": 1,
    "50300": 2,
    "50301": 1,
    "HTTP 429": 5,
    "HTTP 503": 1,
  };
  const closes = { "1008": 2, "1009": 1, "4008": 1, cut: 9, "refused 429": 1, "refused 503": 1 };
  expect(wrongAnswers({ answers, closes })).toEqual([]);
});

test("what is the exchange's own mistake is told", () => {
  const answers = { ok: 3, "50000": 2, "50700": 1, "HTTP 500": 4 };
  const closes = { "1011": 1, cut: 2, "refused 500": 3 };
  expect(wrongAnswers({ answers, closes })).toEqual([
    "attackers were told HTTP 500 × 4, refused 500 × 3, 50000 × 2, 1011 × 1, 50700 × 1",
  ]);
});
