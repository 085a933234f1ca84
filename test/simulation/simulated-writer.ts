import type { FileWriter } from "../../src/persistence/wal/file-system.ts";
import type { Random } from "../core/fuzz/random.ts";
import type { DiskTrouble } from "./disk-trouble.ts";

export interface WriterParts {
  path: string;
  random: Random;
  trouble: DiskTrouble;
  /** Writes what can be written at `position`; returns how many bytes. */
  write(bytes: Uint8Array, position: number): number;
}

/**
 * A writer that begins at the start of a file. Some writers pass bytes on at once, others when they are
 * flushed.
 */
export function simulatedWriter({ path, random, trouble, write }: WriterParts): FileWriter {
  const holds = random.once(3);
  let position = 0;
  let held = new Uint8Array(0);
  const pass = (bytes: Uint8Array): number | Promise<number> => {
    const taken = write(bytes, position);
    position += taken;
    if (taken === bytes.length) return taken;
    const error = trouble.fault("write", path);
    if (random.once(3)) throw error;
    // A system call writes a part or gives an error. It never writes nothing without an error.
    return taken > 0 && random.once(2) ? taken : Promise.reject(error);
  };
  return {
    write(bytes) {
      trouble.enter("write", path, position, bytes.length);
      if (!holds) return pass(bytes);
      held = bytes.slice();
      return bytes.length;
    },
    flush() {
      const bytes = held;
      held = new Uint8Array(0);
      return bytes.length === 0 ? 0 : pass(bytes);
    },
    end: () => 0,
  };
}
