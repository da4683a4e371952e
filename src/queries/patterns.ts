/** A LIKE pattern for texts that contain `text` literally; null matches all. */
export function containing(text: string | null): string | null {
  return text === null ? null : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
