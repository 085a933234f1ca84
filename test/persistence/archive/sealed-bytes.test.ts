import { expect, test } from "bun:test";
import { seal, unseal } from "../../../src/persistence/archive/sealed-bytes.ts";

const KEY = new Uint8Array(32).fill(1);
const BYTES = new TextEncoder().encode("users and keys");

test("what is sealed is read with the same key and context, and never the same twice", async () => {
  const sealed = await seal(KEY, BYTES, "tick 5");
  expect(await unseal(KEY, sealed, "tick 5")).toEqual(BYTES);
  expect(Buffer.from(sealed).includes("users")).toBe(false);
  expect(await seal(KEY, BYTES, "tick 5")).not.toEqual(sealed);
});

test("another key, another context and any changed byte are refused", async () => {
  const sealed = await seal(KEY, BYTES, "tick 5");
  const refused =
    "it was sealed with another key than the one given (WAIVER_ARCHIVE_KEY, persistence.cloud.key_file), or is damaged";
  await expect(unseal(new Uint8Array(32).fill(2), sealed, "tick 5")).rejects.toThrow(refused);
  await expect(unseal(KEY, sealed, "tick 6")).rejects.toThrow(refused);
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] = (changed[at] as number) ^ 1;
    await expect(unseal(KEY, changed, "tick 5")).rejects.toThrow(
      at < 9 ? "it is not sealed, or was sealed by a newer program" : refused,
    );
  }
});
