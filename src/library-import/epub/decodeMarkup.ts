import { isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { decodeText } from "../decodeText.ts";
import { UnusableBookFile } from "../parsedBook.ts";

const declared = /^[^<]{0,20}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w-]{1,40})["']/iu;

/**
 * Decodes an XML or XHTML document: UTF-8 unless its bytes or its declaration say otherwise. Control characters, which old
 * tools leave in style sheets, are accepted.
 */
export function decodeMarkup(bytes: Buffer): string {
  if (bytes.length === 0) return "";
  if (isUtf8(bytes)) return bytes.toString("utf8").replace(/^\uFEFF/u, "");
  const encoding = declared.exec(bytes.subarray(0, 300).toString("latin1"))?.[1]?.toLowerCase();
  const known = encoding !== undefined && !/^utf-?8$/.test(encoding) && iconv.encodingExists(encoding);
  if (known) return iconv.decode(bytes, encoding);
  try {
    return decodeText(bytes).text;
  } catch (error) {
    if (!(error instanceof UnusableBookFile)) throw error;
    return bytes.toString("utf8");
  }
}
