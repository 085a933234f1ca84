/** The clocks that a part of the exchange is given, so that a test can set them. */
export interface WallClock {
  /** Milliseconds since 1970. It may be set back. */
  now(): number;
}

export interface MonotonicClock {
  /** Milliseconds from any beginning. It never goes back. */
  monotonic(): number;
}

export interface Clocks extends WallClock, MonotonicClock {}
