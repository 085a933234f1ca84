import { expect } from "bun:test";
import { metricOf } from "./metric.ts";
import type { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

export interface Readiness {
  readonly http: number;
  readonly status: string;
  readonly reason: string;
  readonly since: number;
}

/** What `/readyz` reports of the component "persistence", and its HTTP status. */
export async function readiness(venue: Venue): Promise<Readiness> {
  const reply = await fetch(`${venue.server.url}/readyz`);
  const { components } = (await reply.json()) as { components: Record<string, Members> };
  const { status, reason = "", since } = components.persistence as Members;
  return { http: reply.status, status: `${status}`, reason: `${reason}`, since: Number(since) };
}

/** The value of one sample of `/metrics`; NaN if there is none. */
export function metric(venue: Venue, sample: string): Promise<number> {
  return metricOf(venue.server.url, sample);
}

/** The log lines with this message, without their time. Waits for the first one. */
export async function logged(venue: Venue, message: string): Promise<Members[]> {
  const lines = () => venue.server.log.filter(({ msg }) => msg === message);
  await venue.server.logged(message);
  return lines().map(({ time: _time, msg: _msg, ...members }) => members);
}

/** Checks that every status reports the failed storage, and that the log does so once and says what to do. */
export async function expectFailed(venue: Venue, reason: RegExp, advice: string): Promise<void> {
  const { since, ...failed } = await readiness(venue);
  expect(failed).toEqual({ http: 503, status: "failed", reason: expect.stringMatching(reason) });
  expect(since).toBeWithin(Date.now() - 60_000, Date.now() + 1);
  expect((await fetch(`${venue.server.url}/healthz`)).status).toBe(200);
  expect(await metric(venue, 'waiver_component_status{component="persistence"}')).toBe(0);
  expect(await metric(venue, 'waiver_errors_total{code="50700"}')).toBeGreaterThan(0);
  expect(await logged(venue, "storage failed; restart to recover from disk")).toEqual([
    { level: 50, error: failed.reason, advice: expect.stringContaining(advice) },
  ]);
}
