/**
 * Subscribers that accept compressed frames and only count bytes: `bun reader.ts PORT CONNECTIONS`. Prints `{}` when
 * all are connected. Each connection answers the frame "end" with a frame. Each line on stdin is answered with the
 * bytes received since the line before.
 */
import { clientFrame, Opcode } from "../load/client-frames.ts";
import { upgradeRequest } from "../load/upgrade.ts";

const [port, connections] = Bun.argv.slice(2).map(Number) as [number, number];
const END = Buffer.from([0x81, 3, 0x65, 0x6e, 0x64]);
const ANSWER = clientFrame(Opcode.TEXT, new Uint8Array(0));
let bytes = 0;
let open = 0;

for (let i = 0; i < connections; i++) {
  let isUpgraded = false;
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open(socket) {
        const request = upgradeRequest(`127.0.0.1:${port}`, "/", "json");
        const offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        socket.write(request.replace(/\r\n$/, offer));
      },
      data(socket, chunk) {
        if (!isUpgraded) {
          isUpgraded = true;
          if (++open === connections) console.log("{}");
          return;
        }
        bytes += chunk.length;
        if (chunk.subarray(-END.length).equals(END)) socket.write(ANSWER);
      },
    },
  });
}

for await (const _line of Bun.stdin.stream()) {
  console.log(JSON.stringify({ bytes }));
  bytes = 0;
}
