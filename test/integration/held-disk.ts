/**
 * Preloaded into an exchange, it stands for a disk that does not answer: while the file `HELD_DISK` is there, no flush ends, and
 * one in the thread of the event loop is a fault.
 */
import fs from "node:fs";

const { HELD_DISK = "" } = process.env;
const isHeld = (): boolean => fs.existsSync(HELD_DISK);
const waiting: (() => void)[] = [];

function holding<Call extends (file: number, done: fs.NoParamCallback) => void>(call: Call) {
  return (file: number, done: fs.NoParamCallback): void => {
    const go = (): void => call(file, done);
    if (isHeld()) waiting.push(go);
    else go();
  };
}

function never(call: (file: number) => void) {
  return (file: number): void => {
    if (isHeld()) throw new Error("the thread of the ticks waits for the disk");
    call(file);
  };
}

Object.assign(fs, {
  fdatasync: holding(fs.fdatasync),
  fsync: holding(fs.fsync),
  fdatasyncSync: never(fs.fdatasyncSync),
  fsyncSync: never(fs.fsyncSync),
});

setInterval(() => {
  if (!isHeld()) for (const go of waiting.splice(0)) go();
}, 10).unref();
