/**
 * Sends new connections to one of two sockets that listen on the same port. Without this the kernel divides them between
 * the two. Linux only; elsewhere it does nothing.
 *
 * ```
 *   connection ─► port ─► filter (one instruction: "return 1") ─┬─ 0  the older socket
 *                                                               └─ 1  the newer one
 * ```
 *
 * When one of them is closed, the other becomes number 0. The kernel then uses it, because there is no number 1.
 */
import { ptr } from "bun:ffi";
import { listeningDescriptors } from "./listening-descriptors.ts";
import { SOL_SOCKET, setSocketOption } from "./socket-option.ts";

const SO_ATTACH_REUSEPORT_CBPF = 51;
/** BPF_RET | BPF_K: return a constant. */
const BPF_RETURN = 0x06;
const NEWER = 1;

/**
 * From now on, new connections go to the newer of the two sockets of this process that listen on `port`. A connection whose
 * handshake has begun stays with the older one. False where the system cannot do that.
 */
export function steerToNewer(port: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    const [socket, ...more] = listeningDescriptors(port);
    return socket !== undefined && more.length === 1 && attachFilter(socket);
  } catch {
    return false;
  }
}

function attachFilter(socket: number): boolean {
  const instruction = new Uint8Array(8);
  const code = new DataView(instruction.buffer);
  code.setUint16(0, BPF_RETURN, true);
  code.setUint32(4, NEWER, true);
  const program = new Uint8Array(16);
  const header = new DataView(program.buffer);
  header.setUint16(0, 1, true);
  header.setBigUint64(8, BigInt(ptr(instruction)), true);
  return setSocketOption(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program);
}
