/**
 * All of a body that comes in pieces. `onBytes` hears after each piece how many bytes there are by now; what it
 * throws ends the reading, and the rest is not taken.
 */
export async function gathered(
  body: AsyncIterable<Uint8Array> | null,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    onBytes(bytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
