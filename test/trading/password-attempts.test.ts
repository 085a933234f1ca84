import { expect, test } from "bun:test";
import { PasswordAttempts } from "../../src/trading/password-attempts.ts";

const HOME = "10.0.0.1";
const stranger = () => new PasswordAttempts(() => false);

test("after five attempts a name waits in that network, twice as long each time, up to five minutes", () => {
  const attempts = stranger();
  let now = 0;
  for (let i = 0; i < 5; i++) expect(attempts.take("ann", HOME, now)).toBe(0);
  const waits: number[] = [];
  for (let i = 0; i < 12; i++) {
    const wait = attempts.take("Ann", HOME, now);
    waits.push(wait);
    // A try that is too early makes nothing worse.
    expect(attempts.take("ANN", HOME, now + wait - 1)).toBe(1);
    now += wait;
    expect(attempts.take("ann", HOME, now)).toBe(0);
  }
  expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
  expect(waits.at(-1)).toBe(300_000);
  // After a quarter of an hour without a try all begins anew.
  now += 900_000;
  for (let i = 0; i < 5; i++) expect(attempts.take("ann", HOME, now)).toBe(0);
});

test("a correct password resets the count of wrong ones", () => {
  const attempts = stranger();
  for (let i = 0; i < 5; i++) attempts.take("ann", HOME, 0);
  attempts.right("ann", HOME);
  expect(attempts.take("ann", HOME, 0)).toBe(0);
});

test("guesses from one network do not block logins from another", () => {
  const attempts = stranger();
  let now = 0;
  for (let i = 0; i < 1000; i++) now += attempts.take("ann", "10.9.9.9", now);
  expect(attempts.take("ann", HOME, now)).toBe(0);
});

test("guesses from all networks stop at a limit, except where the name has logged in before", () => {
  const attempts = new PasswordAttempts((name, network) => name === "ann" && network === HOME);
  expect(attempts.take("ann", HOME, 0)).toBe(0);
  const told = Array.from({ length: 100 }, (_, i) => attempts.take("ann", `10.1.${i}.1`, 0));
  expect(told.filter((wait) => wait === 0)).toHaveLength(60);
  expect(told.at(-1)).toBe(10_000);
  expect(attempts.take("ann", HOME, 0)).toBe(0);
  // The addresses of a network of IPv6 are one.
  const six = stranger();
  for (let i = 0; i < 5; i++) expect(six.take("ann", `2001:db8::${i + 1}`, 0)).toBe(0);
  expect(six.take("ann", "2001:db8::99", 0)).toBe(1000);
});

test("a network may try a limited number of names at once, and then one a second", () => {
  const attempts = stranger();
  const told = Array.from({ length: 30 }, (_, i) => attempts.take(`name-${i}`, HOME, 0));
  expect(told.filter((wait) => wait === 0)).toHaveLength(20);
  expect(attempts.take("another", HOME, 1000)).toBe(0);
  expect(attempts.take("another", HOME, 1000)).toBe(1000);
});

test("refused tries at very many other names do not give a name another burst", () => {
  const attempts = stranger();
  for (let i = 0; i < 60; i++) expect(attempts.take("ann", `10.1.${i}.1`, 0)).toBe(0);
  // The network has its tries used up, so that each of these is refused.
  for (let i = 0; i < 70_000; i++) attempts.take(`name-${i}`, HOME, 0);
  expect(attempts.take("ann", "10.2.0.1", 0)).toBe(10_000);
});
