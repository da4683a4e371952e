import { illegalArgument } from "./failure.ts";

/** Refuses text that is too short for base64, in the words of Java's decoder. */
export function checkBase64(text: string): void {
  if (text.length === 1) throw illegalArgument("Input byte[] should at least have 2 bytes for base64 bytes");
}
