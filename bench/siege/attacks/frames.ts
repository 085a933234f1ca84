/** Attacks with frames that cost the sender almost nothing. */
import {
  clientFrame,
  compressedFrame,
  deflatedFrame,
  joined,
  Opcode,
  repeated,
} from "../../load/client-frames.ts";
import type { Attack } from "../attack.ts";
import { type Attacker, requestFrame } from "../attacker.ts";
import { emptyBlocks } from "../empty-blocks.ts";
import type { Peer } from "../peer.ts";

/** Bytes of one write. */
const CHUNK_BYTES = 60_000;
const LONG_SUBSCRIBE_SYMBOLS = 200_000;
const WIDE_MAP_KEYS = 70_000;
const BATCH_ORDERS = 100;
/** Nearly as long as a frame may be. */
const BOMB_BYTES = 1_048_000;
const BOMB_CONNECTIONS = 64;
const EMPTY_BLOCKS_BYTES = 120_000;

export const frameAttacks: readonly Attack[] = [
  {
    name: "empty-frames",
    section: 1,
    about: "One anonymous connection sends empty text frames as fast as it can.",
    run: (attacker) => anonymousFlood(attacker, "empty text frames", clientFrame(Opcode.TEXT)),
  },
  {
    name: "pings",
    section: 1,
    about: "One anonymous connection sends pings as fast as it can.",
    run: (attacker) => anonymousFlood(attacker, "pings", clientFrame(Opcode.PING)),
  },
  {
    name: "pongs",
    section: 1,
    like: "pings",
    about: "One anonymous connection sends pongs that nobody asked for as fast as it can.",
    run: (attacker) => anonymousFlood(attacker, "pongs", clientFrame(Opcode.PONG)),
  },
  {
    name: "long-subscribes",
    section: 1,
    about:
      "One anonymous connection subscribes to 200,000 symbols that do not exist in every frame.",
    run(attacker) {
      const symbols = new Array<string>(LONG_SUBSCRIBE_SYMBOLS).fill("X");
      const request = requestFrame("subscribe", { channels: ["trades"], symbols });
      return anonymousFlood(attacker, `subscribes of ${symbols.length} symbols`, request);
    },
  },
  {
    name: "wide-maps",
    section: 1,
    like: "message-pack-bombs",
    about: "One anonymous connection sends MessagePack maps with 70,000 keys.",
    run(attacker) {
      const map = clientFrame(Opcode.BINARY, wideMap(WIDE_MAP_KEYS));
      return anonymousFlood(attacker, `MessagePack maps of ${WIDE_MAP_KEYS} keys`, map);
    },
  },
  {
    name: "invalid-batches",
    section: 1,
    about: "A user with the default limits sends batches of 100 invalid orders as fast as it can.",
    users: ["ordinary"],
    async run(attacker) {
      const order = { symbol: 1, side: "BOTH", type: "GUESS", price: -1, quantity: "many" };
      const orders = new Array<object>(BATCH_ORDERS).fill(order);
      const batch = requestFrame("order.batch", { orders });
      attacker.begin();
      return flood(attacker, () => attacker.login(0), "batches of 100 invalid orders", batch);
    },
  },
  {
    name: "deflate-bombs",
    section: 1,
    about:
      "64 anonymous connections send compressed frames of a kilobyte that contain a megabyte of blanks.",
    run: (attacker) => bombs(attacker, undefined),
  },
  {
    name: "known-deflate-bombs",
    section: 1,
    like: "deflate-bombs",
    about: "The same by a user with the default limits.",
    users: ["ordinary"],
    run: (attacker) => bombs(attacker, 0),
  },
  {
    name: "empty-deflate-blocks",
    section: 1,
    about:
      "64 anonymous connections send compressed frames of 120 KB that are empty, but expensive to decompress.",
    run: (attacker) => bombs(attacker, undefined, emptyBlocksFrame()),
  },
  {
    name: "known-empty-deflate-blocks",
    section: 1,
    like: "empty-deflate-blocks",
    about: "The same by a user with the default limits.",
    users: ["ordinary"],
    run: (attacker) => bombs(attacker, 0, emptyBlocksFrame()),
  },
];

const emptyBlocksFrame = (): Uint8Array =>
  deflatedFrame(Opcode.TEXT, emptyBlocks(EMPTY_BLOCKS_BYTES));

/** Sends a compressed frame again and again on many connections, as user `user` or anonymously. */
async function bombs(
  attacker: Attacker,
  user: number | undefined,
  bomb = compressedFrame(Opcode.TEXT, Buffer.alloc(BOMB_BYTES, " ")),
): Promise<string> {
  const options = { headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } };
  attacker.begin();
  const open = (): Promise<Peer> =>
    user === undefined
      ? attacker.open("/market-data", options)
      : attacker.login(user, "/market-data", options);
  const lane = (): Promise<string> => flood(attacker, open, "", bomb);
  await Promise.all(Array.from({ length: BOMB_CONNECTIONS }, lane));
  return `compressed frames of ${bomb.length} bytes, ${BOMB_CONNECTIONS} connections at a time`;
}

function anonymousFlood(attacker: Attacker, what: string, one: Uint8Array): Promise<string> {
  attacker.begin();
  return flood(attacker, () => attacker.open("/market-data"), what, one);
}

async function flood(
  attacker: Attacker,
  open: () => Promise<Peer>,
  what: string,
  one: Uint8Array,
): Promise<string> {
  const chunk = repeated(one, CHUNK_BYTES);
  let connections = 0;
  await attacker.persist(open, async (peer) => {
    connections += 1;
    await attacker.flood(peer, chunk);
  });
  const seconds = attacker.elapsedSeconds.toFixed(1);
  return `${what} of ${one.length} bytes for ${seconds} s over ${connections} connections, one at a time`;
}

/** A MessagePack map with `keys` keys of five letters. */
function wideMap(keys: number): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = 0xdf;
  new DataView(head.buffer).setUint32(1, keys);
  const entries = Array.from({ length: keys }, (_, n) =>
    Buffer.from(`\xa5${n.toString(36).padStart(5, "k")}\x00`, "latin1"),
  );
  return joined([head, ...entries]);
}
