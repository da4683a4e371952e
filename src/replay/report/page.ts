import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Figures } from "./figures.ts";
import { words } from "./words.ts";

const beside = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The contents of a page must not end the script that contains them. */
const inScript = (text: string) => text.replaceAll(/<(?=\/script|!--)/gi, "\\x3c");
const json = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");

/**
 * A report as one HTML file that asks nothing of any network: its policy (CSP) lets it load nothing. The page shows Chinese or English, as
 * the browser does, and a button changes that.
 */
export function reportPage(figures: Figures): string {
  const echarts = readFileSync(createRequire(import.meta.url).resolve("echarts/dist/echarts.min.js"), "utf8");
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<title>${words.zh.title} ${figures.from} – ${figures.to}</title>
<style>
${beside("page.css")}</style>
</head>
<body>
<main></main>
<script type="application/json" id="report">${json({ figures, words })}</script>
<script>${inScript(echarts)}</script>
<script>
${inScript(beside("page.js"))}</script>
</body>
</html>
`;
}
