import { closeSync, existsSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { DamagedStore } from "./damage.ts";
import { readFully } from "./file-window.ts";

/**
 * The acknowledged end of the log: every position below this one. It is written after each commit and distinguishes a truncated log
 * from one that a crash left in the middle of an unacknowledged commit. It is not synced: a power failure may leave an older head,
 * which guarantees less.
 */
export type HeadFile = { read(): bigint; write(position: bigint): void; close(): void };

const size = 12;

/**
 * @param fresh whether there is no log yet: then the file is created if missing
 * @throws DamagedStore when the file is missing beside a log, or is damaged.
 */
export function openHeadFile(folder: string, fresh: boolean): HeadFile {
  const path = join(folder, "head");
  if (!existsSync(path)) {
    if (!fresh) throw new DamagedStore(`${path} is missing: nothing says how far the log should reach`);
    writeFileSync(`${path}.new`, encode(0n), { flush: true });
    renameSync(`${path}.new`, path);
  }
  const fd = openSync(path, "r+");
  return {
    read() {
      const bytes = Buffer.alloc(size);
      const whole = readFully(fd, bytes, 0) === size && bytes.equals(encode(bytes.readBigUInt64BE(0)));
      if (!whole) throw new DamagedStore(`${path} is damaged: its checksum does not match`);
      return bytes.readBigUInt64BE(0);
    },
    write(position) {
      writeSync(fd, encode(position), 0, size, 0);
    },
    close: () => closeSync(fd),
  };
}

function encode(position: bigint): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeBigUInt64BE(position, 0);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  return bytes;
}
