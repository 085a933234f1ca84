import type { Core } from "../../src/core/create.ts";

/** Adds a cent to the cash of account 0 without a command, as a memory fault of the machine could. */
export function addFalseCent(core: Core): void {
  const cash = core.stores.find(({ name }) => name === "cash");
  if (cash === undefined) throw new Error("there is no store of cash");
  const { buffer, byteOffset } = cash.words;
  new Float64Array(buffer, byteOffset, 1)[0] += 1;
}
