import { rename, writeFile } from "node:fs/promises";

/** Writes a file that only its owner may read, atomically; with `flush` it survives a power failure. */
export async function writePrivately(file: string, text: string, { flush = false } = {}): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600, flush });
  await rename(`${file}.new`, file);
}
