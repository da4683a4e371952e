/** The pattern of LIKE for texts that contain `text` as it stands; null for all. */
export function containing(text: string | null): string | null {
  return text === null ? null : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
