import { isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { type DecodedFile, decodeAny, unreadable } from "../decodeText.ts";
import { UnusableBookFile } from "../parsedBook.ts";

const declared = /^[^<]{0,20}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w-]{1,40})["']/iu;

/**
 * Decodes an XML or XHTML document: UTF-8 unless its bytes or its declaration say otherwise, with warnings of what cannot be read. Control
 * characters, which old tools leave in style sheets, are accepted.
 */
export function decodeMarkup(bytes: Buffer): Pick<DecodedFile, "text" | "warnings"> {
  if (isUtf8(bytes)) return { text: bytes.toString("utf8").replace(/^\uFEFF/u, ""), warnings: [] };
  const encoding = declared.exec(bytes.subarray(0, 300).toString("latin1"))?.[1]?.toLowerCase();
  const known = encoding !== undefined && !/^utf-?8$/.test(encoding) && iconv.encodingExists(encoding);
  if (known) return withWarnings(iconv.decode(bytes, encoding));
  try {
    return decodeAny(bytes);
  } catch (error) {
    if (!(error instanceof UnusableBookFile)) throw error;
    return withWarnings(bytes.toString("utf8"));
  }
}

function withWarnings(text: string): Pick<DecodedFile, "text" | "warnings"> {
  return { text, warnings: unreadable(text) };
}
