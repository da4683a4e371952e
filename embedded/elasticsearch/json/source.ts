/** The text of a request body and locations in it, as Elasticsearch counts them: lines from 1, columns in bytes from 1. */
export class Source {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  place(offset: number): { line: number; col: number } {
    const before = this.text.slice(0, offset);
    const lineStart = before.lastIndexOf("\n") + 1;
    return { line: before.split("\n").length, col: Buffer.byteLength(before.slice(lineStart)) + 1 };
  }

  /** `line:column` */
  at(offset: number): string {
    const { line, col } = this.place(offset);
    return `${line}:${col}`;
  }
}
