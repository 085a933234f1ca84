/**
 * All of a body that comes in pieces. `onBytes` hears after each piece how many bytes there are by now, and the next
 * is asked for when it is done; what it throws ends the reading, and the rest is not taken.
 */
export async function gathered(
  body: AsyncIterable<Uint8Array> | null,
  onBytes: (bytes: number) => void | Promise<void> = () => undefined,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    pieces.push(piece);
    await onBytes(bytes);
  }
  return Buffer.concat(pieces);
}
