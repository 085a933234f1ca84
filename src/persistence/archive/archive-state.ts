/** The state of the archive, for health, metrics and operators. */

export interface ArchiveState {
  state: "ok" | "degraded";
  /** What went wrong; null while the state is `ok`. */
  reason: string | null;
  /** `s3://bucket/prefix/` */
  url: string;
  /** When the last upload ended, milliseconds since 1970; null = there was none since the start. */
  lastUploadAt: number | null;
  /** Sealed segments that the archive does not have, and their bytes. */
  behindSegments: number;
  behindBytes: number;
  /** When the oldest of them was written last, milliseconds since 1970; null = it lacks none. */
  behindSince: number | null;
  /** Number of the last segment and tick of the last snapshot that the archive has; 0 = none, or not known yet. */
  confirmedSegment: number;
  confirmedSnapshot: number;
  /** Since the start: objects and bytes uploaded, and attempts that failed. */
  uploads: number;
  bytes: number;
  failures: number;
  /**
   * Whether objects are protected from removal: `off` by configuration, `unsupported` when the bucket cannot.
   */
  retention: "on" | "off" | "unsupported";
}

/** The answer of `POST /admin/v1/archive/push`. */
export function archiveStateBody(state: ArchiveState): Record<string, string | number | null> {
  return {
    state: state.state,
    reason: state.reason,
    url: state.url,
    last_upload_at: state.lastUploadAt,
    behind_segments: state.behindSegments,
    behind_bytes: state.behindBytes,
    confirmed_segment: state.confirmedSegment,
    confirmed_snapshot: state.confirmedSnapshot,
    uploads: state.uploads,
    bytes: state.bytes,
    failures: state.failures,
    retention: state.retention,
  };
}
