/** Watches the free space of the disks that the exchange writes to, outside the tick path, and warns when it is low. */

const CHECK_INTERVAL_MS = 1000;

export interface DiskSpaceOptions {
  /** The directories to watch. Of several on one file system only the first is watched. */
  directories: readonly string[];
  /** Free bytes below which there is a warning; 0 = never. */
  lowSpaceBytes: number;
  /** Free bytes of the file system of `directory`. */
  freeBytes(directory: string): Promise<number>;
  /** The number of the file system of `directory`. */
  deviceOf(directory: string): Promise<number>;
  /** Called after every check of a directory. */
  onChecked?(): void;
}

export class DiskSpace {
  readonly #options: DiskSpaceOptions;
  #places: Place[];
  #timer: Timer | null = null;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
    this.#places = options.directories.map((directory) => new Place(directory, options));
  }

  /**
   * Free bytes at the last check, of the file system that has least; NaN before the first check, and when the system
   * gave no number for one.
   */
  get freeBytes(): number {
    return Math.min(...this.#places.map(({ freeBytes }) => freeBytes));
  }

  /** Why there is too little space; null while there is enough everywhere. */
  get warning(): Error | null {
    const warnings = this.#places.map(({ warning }) => warning).filter((each) => each !== null);
    const [first = null] = warnings;
    if (warnings.length < 2) return first;
    const message = warnings.map((each) => each.message).join("; ");
    return Object.assign(new Error(message, { cause: first }), { code: "ENOSPC" });
  }

  /** Checks now, and again every `intervalMs`; resolves after the first check. */
  async start(intervalMs = CHECK_INTERVAL_MS): Promise<void> {
    const { directories, deviceOf } = this.#options;
    // A directory whose file system tells no number counts as one of its own.
    const numbers = directories.map((directory, i) => deviceOf(directory).catch(() => -1 - i));
    const devices = await Promise.all(numbers);
    this.#places = this.#places.filter((_, i) => devices.indexOf(devices[i] as number) === i);
    this.#timer = setInterval(() => void this.check(), intervalMs);
    // The timer does not keep the process alive.
    this.#timer.unref();
    await this.check();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Asks for the free bytes of each file system. Never rejects. */
  async check(): Promise<void> {
    await Promise.all(this.#places.map((place) => place.check()));
  }
}

/** A watched directory. */
class Place {
  freeBytes = Number.NaN;
  warning: Error | null = null;
  readonly #directory: string;
  readonly #options: DiskSpaceOptions;
  #checking: Promise<void> | null = null;

  constructor(directory: string, options: DiskSpaceOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  /** One request at a time, because a disk that hangs answers none. Never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#ask().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #ask(): Promise<void> {
    const { freeBytes, onChecked } = this.#options;
    try {
      this.freeBytes = await freeBytes(this.#directory);
      this.warning = this.#lowSpace();
    } catch (error) {
      this.freeBytes = Number.NaN;
      const { message } = error as Error;
      this.warning = new Error(`free space of ${this.#directory} is unknown: ${message}`, {
        cause: error,
      });
    }
    onChecked?.();
  }

  #lowSpace(): Error | null {
    const { lowSpaceBytes } = this.#options;
    if (this.freeBytes >= lowSpaceBytes) return null;
    const message = `${this.freeBytes} bytes are free in ${this.#directory}, below the limit of ${lowSpaceBytes}`;
    return Object.assign(new Error(message), { code: "ENOSPC" });
  }
}
