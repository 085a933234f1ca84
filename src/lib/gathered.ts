/**
 * Reads the whole of a body that comes in pieces. After each piece it calls `onBytes` with the number of bytes so far,
 * and asks for the next piece when that has resolved. If `onBytes` fails, the reading ends with its error, and the rest
 * is not read.
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
