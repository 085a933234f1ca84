/** Watches the free space of the journal's disk, outside the tick path, and warns when it is low. */

const CHECK_INTERVAL_MS = 1000;

export interface DiskSpaceOptions {
  /** A directory of the file system that is watched. */
  directory: string;
  /** Free bytes below which there is a warning; 0 = never. */
  lowSpaceBytes: number;
  /** Free bytes of the file system of `directory`. */
  freeBytes(directory: string): Promise<number>;
  /** Called after every check. */
  onChecked?(): void;
}

export class DiskSpace {
  readonly #options: DiskSpaceOptions;
  #freeBytes = Number.NaN;
  #warning: Error | null = null;
  #checking: Promise<void> | null = null;
  #timer: Timer | null = null;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
  }

  /** Free bytes at the last check; NaN before the first check, and when the system gave no number. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Why there is too little space; null while there is enough. */
  get warning(): Error | null {
    return this.#warning;
  }

  /** Checks now, and again every `intervalMs`; resolves after the first check. */
  start(intervalMs = CHECK_INTERVAL_MS): Promise<void> {
    this.#timer = setInterval(() => void this.check(), intervalMs);
    // The timer does not keep the process alive.
    this.#timer.unref();
    return this.check();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /**
   * Asks for the free bytes, one request at a time, because a disk that hangs answers none. Never rejects.
   */
  check(): Promise<void> {
    this.#checking ??= this.#ask().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #ask(): Promise<void> {
    const { directory, freeBytes, onChecked } = this.#options;
    try {
      this.#freeBytes = await freeBytes(directory);
      this.#warning = this.#lowSpace();
    } catch (error) {
      this.#freeBytes = Number.NaN;
      const { message } = error as Error;
      this.#warning = new Error(`free space of ${directory} is unknown: ${message}`, {
        cause: error,
      });
    }
    onChecked?.();
  }

  #lowSpace(): Error | null {
    const { directory, lowSpaceBytes } = this.#options;
    if (this.#freeBytes >= lowSpaceBytes) return null;
    const message = `${this.#freeBytes} bytes are free in ${directory}, below the limit of ${lowSpaceBytes}`;
    return Object.assign(new Error(message), { code: "ENOSPC" });
  }
}
