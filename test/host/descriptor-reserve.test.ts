import { expect, test } from "bun:test";
import {
  DescriptorReserve,
  type DescriptorSource,
  isOutOfDescriptors,
} from "../../src/host/descriptor-reserve.ts";

const EMFILE = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });

/** A process that may have so many descriptors. */
class SmallProcess implements DescriptorSource {
  inUse = 0;
  constructor(public limit: number) {}

  open(): number {
    if (this.inUse === this.limit) throw EMFILE;
    return this.inUse++;
  }

  close(): void {
    this.inUse--;
  }
}

test("when no descriptor is left, reserved ones are released for what must be opened, and taken back later", () => {
  const process = new SmallProcess(10);
  const reserve = new DescriptorReserve(process);
  reserve.keep(4);
  for (let i = 0; i < 6; i++) process.open();
  reserve.use(() => process.open());
  expect([reserve.size, process.inUse]).toEqual([3, 10]);
  process.limit = 12;
  reserve.use(() => process.open());
  expect([reserve.size, process.inUse]).toEqual([4, 12]);
});

test("an operation that got one descriptor and lacks a second is repeated as a whole", () => {
  const process = new SmallProcess(4);
  const reserve = new DescriptorReserve(process);
  reserve.keep(3);
  process.open();
  let attempts = 0;
  reserve.use(() => {
    attempts++;
    if (process.limit - process.inUse < 2) throw EMFILE;
    process.open();
    process.open();
  });
  expect([attempts, reserve.size, process.inUse]).toEqual([3, 1, 4]);
});

test("the descriptor of a closed file is taken back before others get it", () => {
  const process = new SmallProcess(3);
  const reserve = new DescriptorReserve(process);
  reserve.keep(2);
  process.open();
  for (let segment = 0; segment < 5; segment++) {
    reserve.use(() => process.open());
    expect(reserve.size).toBe(1);
    process.close();
    reserve.refill();
    expect([reserve.size, process.inUse]).toEqual([2, 3]);
  }
});

test("asynchronous operations get reserved descriptors in the same way", async () => {
  const process = new SmallProcess(2);
  const reserve = new DescriptorReserve(process);
  reserve.keep(2);
  await reserve.useBeside(async () => process.open());
  expect(reserve.size).toBe(1);
  await reserve.useBeside(async () => process.open());
  await expect(reserve.useBeside(async () => process.open())).rejects.toBe(EMFILE);
  expect([reserve.size, process.inUse]).toEqual([0, 2]);
});

test("any other error goes to the caller", () => {
  const reserve = new DescriptorReserve(new SmallProcess(5));
  reserve.keep(2);
  const fault = new Error("EIO: i/o error");
  expect(() =>
    reserve.use(() => {
      throw fault;
    }),
  ).toThrow(fault);
  expect(reserve.size).toBe(2);
});

test("a reserve of 0 releases all descriptors", () => {
  const process = new SmallProcess(5);
  const reserve = new DescriptorReserve(process);
  reserve.keep(5);
  reserve.keep(0);
  expect([reserve.size, process.inUse]).toEqual([0, 0]);
});

test("a shortage is recognized by its error code, also as the cause of another error", () => {
  const enfile = Object.assign(new Error("ENFILE"), { code: "ENFILE" });
  const enospc = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  const wrapped = new Error("the next segment cannot be prepared", { cause: EMFILE });
  expect([EMFILE, enfile, wrapped, enospc, null].map(isOutOfDescriptors)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
