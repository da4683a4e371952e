export type CodeBlock = { readonly language: string; readonly text: string };

/** The fenced code blocks of a Markdown text that name a language. */
export function codeBlocksOf(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

/** The file of a block, named by its first line. */
export const fileOf = ({ text }: CodeBlock): string | undefined => /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
