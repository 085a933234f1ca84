import type { Core } from "../../src/core/create.ts";

/** Adds a cent to the cash of account 0 by no command, as a fault of the machine's memory would. */
export function addFalseCent(core: Core): void {
  const cash = core.stores.find(({ name }) => name === "cash");
  if (cash === undefined) throw new Error("there is no store of cash");
  const { buffer, byteOffset } = cash.words;
  new Float64Array(buffer, byteOffset, 1)[0] += 1;
}
