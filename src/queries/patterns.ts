import { unseen } from "../domain/unseen.ts";

/** A LIKE pattern for texts that contain `text` literally; null matches all. */
export function containing(text: string | null): string | null {
  return text === null ? null : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

/** SQL of a column's text as `q` of a list is compared with it: NFKC, without invisible characters. */
export function searchable(column: string): string {
  return `normalize(regexp_replace(${column}, '[${unseen}]', '', 'g'), NFKC)`;
}
