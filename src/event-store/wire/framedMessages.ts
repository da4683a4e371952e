/** What gRPC puts before each message: whether it is compressed (no), and its length. */
const headerLength = 5;

/**
 * Several messages of gRPC that go out as one write: bytes that gRPC takes for one message. It writes a header and then lets the
 * message copy itself into the frame; here the copy says in that header how long the first message is, and brings the headers
 * of the others. `framed` says afterwards whether it came to that: a gRPC that frames in another way has sent one malformed
 * message, and they must go one by one from then on.
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
