import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { textInto } from "../../src/lib/text-into.ts";
import { checkParams } from "../../src/protocol/check.ts";
import { readEnvelope } from "../../src/protocol/envelope.ts";
import { createOrderJsonDecoder } from "../../src/protocol/json-order-decoder.ts";
import {
  fillOrderRequest,
  type OrderMethodName,
  OrderRequest,
} from "../../src/protocol/order-request.ts";
import type { Params } from "../../src/protocol/schemas.ts";
import { shuffled, spoilt } from "./order-messages.ts";
import { contentsOf } from "./request-contents.ts";

const decodeOrderJson = createOrderJsonDecoder(textInto);
const HOT_METHODS = ["order.place", "order.cancel", "order.amend"];

/** What the hot decoder reads, or null when it leaves the text to the general path. */
function hot(text: string) {
  const request = new OrderRequest();
  if (!decodeOrderJson(text, request)) return null;
  const { idLength, ...contents } = contentsOf(request);
  return { ...contents, idText: new TextDecoder().decode(request.idBytes.subarray(0, idLength)) };
}

/** What the general path reads, or null when it refuses the text or another method is meant. */
function general(text: string) {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  const envelope = readEnvelope(message);
  if ("error" in envelope || !HOT_METHODS.includes(envelope.method)) return null;
  const method = envelope.method as OrderMethodName;
  if (checkParams(method, envelope.params) !== null) return null;
  const request = new OrderRequest();
  fillOrderRequest(request, method, envelope.params as Params<typeof method>);
  const idText = envelope.id === undefined ? "" : JSON.stringify(envelope.id);
  const { idLength: _idLength, ...contents } = contentsOf(request);
  return { ...contents, idText };
}

/** Both paths on the same text: where the hot one answers, it answers the same. */
function expectAgreement(text: string): void {
  const fast = hot(text);
  if (fast !== null) expect<unknown>(general(text)).toEqual(fast);
}

describe("the JSON order decoder", () => {
  test("takes what the general path takes, and reads the same", () => {
    let taken = 0;
    fc.assert(
      fc.property(shuffled, (request) => {
        const text = JSON.stringify(request);
        const expected = general(text);
        // Escapes, and what is not ASCII, are left to the general path.
        const isUsual = /^[ -[\]-~]{1,1024}$/.test(text) && !text.includes("expire_at");
        if (isUsual && (expected?.symbolText ?? "") === "") expect(hot(text)).toEqual(expected);
        else expectAgreement(text);
        if (expected !== null) taken++;
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  test("spaces after colons and commas change nothing", () => {
    fc.assert(
      fc.property(shuffled, (request) => {
        const text = JSON.stringify(request);
        const isUsual = /^[ -[\]-~]{1,900}$/.test(text);
        if (isUsual) expect(hot(spaced(request))).toEqual(hot(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("refuses what the general path refuses", () => {
    fc.assert(
      fc.property(spoilt, (request) => {
        expectAgreement(JSON.stringify(request));
      }),
      { numRuns: 3000 },
    );
  });

  test("characters changed by chance never throw, and mean the same on both paths", () => {
    const change = fc.tuple(
      fc.nat(),
      fc.oneof(fc.constantFrom(...'0123456789{}[]:,"\\ -+.eE\n\t'), fc.string({ maxLength: 2 })),
      fc.nat(2),
    );
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shuffled, changes, (request, list) => {
        let text = JSON.stringify(request);
        for (const [at, put, removed] of list) {
          const i = at % text.length;
          text = text.slice(0, i) + put + text.slice(i + removed);
        }
        expectAgreement(text);
      }),
      { numRuns: 10_000 },
    );
  });

  test("a text cut off, or with more behind it, is refused", () => {
    fc.assert(
      fc.property(
        shuffled,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 3 }),
        (request, cut, more) => {
          const text = JSON.stringify(request);
          expect(hot(text.slice(0, cut % text.length))).toBeNull();
          expectAgreement(text + more);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("forms of the same value:", () => {
  const cancel = (id: string, more = ""): string =>
    `{"id":${id},"method":"order.cancel","params":{"order_id":"ord_5"${more}}}`;

  test.each(["0", "7", "9007199254740991", '""', '"a b"', `"${"x".repeat(64)}"`])(
    "the id %s is echoed as it came",
    (id) => {
      expect(hot(cancel(id))).toMatchObject({ order: 5, idText: id });
      expectAgreement(cancel(id));
    },
  );

  test.each([
    ["01"],
    ["-1"],
    ["1.0"],
    ["1e2"],
    ["9007199254740992"],
    ["null"],
    ["true"],
    ['"\\u0041"'],
    ['"ä"'],
    [`"${"x".repeat(65)}"`],
  ])("the id %s is left to the general path", (id) => {
    expect(hot(cancel(id))).toBeNull();
  });

  test("a repeated member is left to the general path", () => {
    expect(hot(cancel("1", ',"order_id":"ord_6"'))).toBeNull();
    expect(general(cancel("1", ',"order_id":"ord_6"'))).toMatchObject({ order: 6 });
  });

  test("a ticker is left to the general path, which keeps its text", () => {
    expect(hot(cancel("1", ',"symbol":"PMAHOMES"'))).toBeNull();
    const read = general(cancel("1", ',"symbol":"PMAHOMES"'));
    expect(read).toMatchObject({ order: 5, symbol: -2, symbolText: "PMAHOMES" });
  });
});

/** The JSON with a space after each colon and comma of its structure, as Python writes it. */
function spaced(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, each]) => `"${name}": ${spaced(each)}`);
  return `{${members.join(", ")}}`;
}
