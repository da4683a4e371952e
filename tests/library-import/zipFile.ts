import { crc32, deflateRawSync } from "node:zlib";

/** A file of a generated ZIP; `declaredSize` lies about its length, `encrypted` sets the flag only. */
export type ZipEntry = {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly declaredSize?: number;
  readonly encrypted?: boolean;
  /** The name's characters are bytes of a legacy encoding, not UTF-8. */
  readonly latin1?: boolean;
  /** Not deflated. */
  readonly stored?: boolean;
  /** The sizes follow the data, as written by a tool that does not know them in advance. */
  readonly descriptor?: boolean;
  /** The sizes are in an extra field of 64 bits. */
  readonly zip64?: boolean;
};

const unknown = 0xffffffff;

/** The bytes of a ZIP with `entries` (APPNOTE 6.3: local headers, central directory, end record). */
export function zipFile(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { name, content, declaredSize, encrypted, latin1, stored, descriptor, zip64 } = entry;
    const bytes = Buffer.from(content as string);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const size = declaredSize ?? bytes.length;
    const path = Buffer.from(name, latin1 ? "latin1" : "utf8");
    const extra = zip64 ? extra64(size, packed.length) : Buffer.alloc(0);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(zip64 ? 45 : 20, 0);
    shared.writeUInt16LE((latin1 ? 0 : 0x800) | (encrypted ? 1 : 0) | (descriptor ? 8 : 0), 2);
    shared.writeUInt16LE(stored ? 0 : 8, 4);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(zip64 ? unknown : packed.length, 14);
    shared.writeUInt32LE(zip64 ? unknown : size, 18);
    shared.writeUInt16LE(path.length, 22);
    shared.writeUInt16LE(extra.length, 24);
    const before = Buffer.from(shared);
    if (descriptor) before.fill(0, 10, 22);
    const behind = descriptor ? Buffer.concat([Buffer.from("PK\x07\x08", "latin1"), shared.subarray(10, 22)]) : [];
    const local = Buffer.concat([
      Buffer.from("PK\x03\x04", "latin1"),
      before,
      path,
      extra,
      packed,
      ...(behind instanceof Buffer ? [behind] : []),
    ]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), shared, tail, path, extra]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** The extra field of ZIP64 (APPNOTE 4.5.3): both sizes. */
function extra64(size: number, packed: number): Buffer {
  const extra = Buffer.alloc(20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeBigUInt64LE(BigInt(size), 4);
  extra.writeBigUInt64LE(BigInt(packed), 12);
  return extra;
}
