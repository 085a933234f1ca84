/** Measures the disk itself: the time to write 4 KiB into a preallocated file and make them durable. */
import fs from "node:fs";
import { join } from "node:path";
import { quantile } from "../figures.ts";

const WRITE_BYTES = 4096;
const FILE_BYTES = 16 * 1024 * 1024;

export interface DiskTimes {
  p50Us: number;
  p99Us: number;
}

export class DiskProbe {
  readonly #directory: string;
  readonly #file: number;
  readonly #bytes = new Uint8Array(WRITE_BYTES).fill(1);
  #position = 0;

  /** `parentDir` is a directory on the disk to measure. */
  constructor(parentDir: string) {
    this.#directory = fs.mkdtempSync(join(parentDir, "waiver-disk-probe-"));
    this.#file = fs.openSync(join(this.#directory, "probe"), "w+");
    fs.writeSync(this.#file, new Uint8Array(FILE_BYTES), 0, FILE_BYTES, 0);
    fs.fsyncSync(this.#file);
  }

  measure(seconds: number): DiskTimes {
    const times: number[] = [];
    const endNs = Bun.nanoseconds() + seconds * 1e9;
    for (let startNs = Bun.nanoseconds(); startNs < endNs; ) {
      fs.writeSync(this.#file, this.#bytes, 0, WRITE_BYTES, this.#position);
      fs.fdatasyncSync(this.#file);
      this.#position = (this.#position + WRITE_BYTES) % FILE_BYTES;
      const nowNs = Bun.nanoseconds();
      times.push((nowNs - startNs) / 1000);
      startNs = nowNs;
    }
    return { p50Us: quantile(times, 0.5), p99Us: quantile(times, 0.99) };
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.#file);
    fs.rmSync(this.#directory, { recursive: true });
  }
}
