/** gRPC's header before each message: a compression flag (no), and the length. */
const headerLength = 5;

/**
 * Several gRPC messages as one write: a buffer that gRPC takes for one message. gRPC writes a header and then lets the buffer
 * copy itself into the frame; this copy changes the length in that header to that of the first message, and includes the
 * headers of the others. `framed` reports afterwards whether this worked: a gRPC version that frames differently has sent one
 * malformed message, and from then on messages must be sent one by one.
 */
export function framedTogether(messages: readonly Buffer[]): { readonly bytes: Buffer; framed(): boolean } {
  const [first, ...rest] = messages;
  if (first === undefined || rest.length === 0) return { bytes: first ?? Buffer.alloc(0), framed: () => true };
  const length = messages.reduce((sum, message) => sum + headerLength + message.length, -headerLength);
  const bytes = Buffer.allocUnsafe(length);
  let at = first.copy(bytes, 0);
  for (const message of rest) {
    bytes[at] = 0;
    bytes.writeUInt32BE(message.length, at + 1);
    at += headerLength;
    at += message.copy(bytes, at);
  }
  let framed = false;
  bytes.copy = (target: Uint8Array, targetStart = 0, sourceStart?: number, sourceEnd?: number) => {
    const copied = Buffer.prototype.copy.call(bytes, target, targetStart, sourceStart, sourceEnd);
    const frame = Buffer.from(target.buffer, target.byteOffset, target.byteLength);
    if (targetStart === headerLength && frame.readUInt32BE(1) === length) {
      frame.writeUInt32BE(first.length, 1);
      framed = true;
    }
    return copied;
  };
  return { bytes, framed: () => framed };
}
