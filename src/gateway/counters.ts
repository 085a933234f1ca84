/** What the doors counted since the start, for the metrics. */
export class Counters {
  /** Frames received. */
  requests = 0;
  /** Frames that were refused before anybody looked into them. */
  framesRefused = 0;
  /** Connections closed because they went on beyond their limit. */
  flooders = 0;
  /** Connections closed because they did not read. */
  slowConsumers = 0;
  /** Connections closed because nothing was heard of them. */
  gonePeers = 0;
  /** Errors answered, by code. */
  readonly errors = new Map<number, number>();

  /** A client was told this error. */
  onError(code: number): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
