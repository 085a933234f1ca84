/** Attacks that make the server keep bytes in memory, and many connections that end at once. */
import {
  clientFrame,
  frameHead,
  joined,
  Opcode,
  openFrame,
  repeated,
} from "../../load/client-frames.ts";
import type { Attack } from "../attack.ts";
import { requestFrame } from "../attacker.ts";
import { CROWD_CHANNELS } from "../channels.ts";

const DEAF_CONNECTIONS = 300;
const DEAF_REQUESTS = 1000;
const PONGS_EVERY_MS = 50;
const PONGS_BYTES = 60_000;
const SIP_EVERY_MS = 1000;
const LISTEN_MS = 300;
const HALF_FRAME_CONNECTIONS = 500;
const FRAME_BYTES = 1024 * 1024;
const ENDLESS_CONNECTIONS = 300;
const FRAGMENT_BYTES = 32_000;
const FRAGMENTS = 32;
const FRAGMENT_EVERY_MS = 50;
const CROWD_CONNECTIONS = 1000;
/** A pong in the middle of an unfinished frame would be read as a part of it. */
const NO_PONGS = { answersPings: false };

export const memoryAttacks: readonly Attack[] = [
  {
    name: "deaf-peers",
    section: 1,
    about: "300 connections ask for 1,000 large answers each, read none, and go on sending pongs.",
    async run(attacker) {
      const peers = await attacker.openMany(attacker.count(DEAF_CONNECTIONS, 100), "/market-data");
      const count = attacker.count(DEAF_REQUESTS, 200);
      const request = requestFrame("symbols.list", {});
      const pongs = repeated(clientFrame(Opcode.PONG), PONGS_BYTES);
      attacker.begin();
      for (const peer of peers) {
        peer.pause();
        peer.write(repeated(request, count * request.length));
      }
      await Promise.all(
        peers.map((peer) =>
          attacker.every(PONGS_EVERY_MS, peer, () => peer.isDrained && peer.write(pongs)),
        ),
      );
      // The peers read again, because otherwise they would not notice that they were closed.
      for (const peer of peers) peer.resume();
      await Bun.sleep(LISTEN_MS);
      for (const peer of peers) peer.leave();
      return `${peers.length} connections asked for symbols.list ${count} times each and read nothing`;
    },
  },
  {
    name: "sipping-peers",
    section: 1,
    like: "deaf-peers",
    about:
      "300 connections subscribe to every symbol and ask for large answers, but read only a little each second.",
    async run(attacker) {
      const peers = await attacker.openMany(attacker.count(DEAF_CONNECTIONS, 100), "/market-data");
      const all = { channels: CROWD_CHANNELS, symbols: ["*"] };
      const requests = [requestFrame("subscribe", all), requestFrame("symbols.list", {})];
      attacker.begin();
      for (const peer of peers) peer.pause();
      while (!attacker.isOver) {
        for (const peer of peers) {
          for (const request of requests) peer.write(request);
          peer.sip();
        }
        await Bun.sleep(SIP_EVERY_MS);
      }
      const still = peers.filter((peer) => peer.isOpen).length;
      for (const peer of peers) peer.leave();
      return `${peers.length} connections that read a little every ${SIP_EVERY_MS} ms; ${still} still open at the end`;
    },
  },
  {
    name: "half-frames",
    section: 1,
    about: "500 connections each send all but the last byte of a frame of 1 MiB, and wait.",
    async run(attacker) {
      const peers = await attacker.openMany(
        attacker.count(HALF_FRAME_CONNECTIONS, 300),
        "/market-data",
        NO_PONGS,
      );
      const unfinished = joined([
        frameHead(Opcode.TEXT, FRAME_BYTES),
        new Uint8Array(FRAME_BYTES - 1).fill(0x20),
      ]);
      attacker.begin();
      for (const peer of peers) peer.write(unfinished);
      await attacker.over();
      const still = peers.filter((peer) => peer.isOpen).length;
      for (const peer of peers) peer.leave();
      return `${peers.length} unfinished frames of 1 MiB; ${still} connections still open at the end`;
    },
  },
  {
    name: "endless-messages",
    section: 1,
    like: "half-frames",
    about:
      "300 connections send 1 MiB in fragments of a message that never ends, with pings between them.",
    async run(attacker) {
      const count = attacker.count(ENDLESS_CONNECTIONS, 100);
      const peers = await attacker.openMany(count, "/market-data", NO_PONGS);
      const fragment = new Uint8Array(FRAGMENT_BYTES).fill(0x20);
      attacker.begin();
      for (let n = 0; n < FRAGMENTS && !attacker.isOver; n++) {
        const next = n === 0 ? openFrame(Opcode.TEXT, fragment) : openFrame(0, fragment);
        for (const peer of peers) peer.write(joined([next, clientFrame(Opcode.PING)]));
        await Bun.sleep(FRAGMENT_EVERY_MS);
      }
      await attacker.over();
      const still = peers.filter((peer) => peer.isOpen).length;
      for (const peer of peers) peer.leave();
      return `${peers.length} messages of ${FRAGMENTS} fragments without an end; ${still} connections still open at the end`;
    },
  },
  {
    name: "leaving-crowd",
    section: 1,
    about: "1,000 connections with 2,048 subscriptions each leave at once.",
    async run(attacker) {
      const peers = await attacker.openMany(attacker.count(CROWD_CONNECTIONS, 500), "/market-data");
      const params = { channels: CROWD_CHANNELS, symbols: ["*"] };
      for (const peer of peers) await peer.request("subscribe", params);
      attacker.begin();
      for (const peer of peers) peer.leave();
      await attacker.over();
      return `${peers.length} connections with ${CROWD_CHANNELS.length} channels of every symbol left at once`;
    },
  },
];
