import { expect } from "bun:test";
import { expectConsecutive } from "./expectations.ts";
import type { Members, WireClient } from "./wire-client.ts";

/** All events of an account's stream, without the snapshot that a login brings. */
export const eventsOf = (client: WireClient): Members[] =>
  client.of("user_data").filter(({ event }) => event !== "snapshot");

export const seqOf = (data: Members | undefined): number => Number(data?.seq);

/**
 * Resumes on a connection that has logged in. Returns the events from `from_seq` on, without gaps, once event
 * `last` is among them.
 */
export async function resume(
  client: WireClient,
  from_seq: number,
  last: number,
): Promise<Members[]> {
  // A login's snapshot and live events up to the answer come before the replayed events.
  let begin = -1;
  const { promise, resolve } = Promise.withResolvers<Members | undefined>();
  client.notify("user_data.resume", { from_seq }, ({ result }) => {
    begin = client.pushes.length;
    resolve(result);
  });
  expect(await promise).toEqual({
    account_id: expect.any(String),
    from_seq,
    last_seq: expect.any(Number),
  });
  const isTold = () => client.pushes.length > begin && seqOf(client.pushes.at(-1)?.data) >= last;
  await client.until(isTold, `event ${last}`);
  const events = client.pushes.slice(begin).map(({ data }) => data);
  expect(events[0]?.seq).toBe(from_seq);
  expectConsecutive(events.map(({ seq }) => seq));
  return events;
}
