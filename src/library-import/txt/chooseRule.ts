import { groupBy } from "../../domain/groupBy.ts";
import type { Found } from "./candidates.ts";
import { type TextLines, textBetween } from "./lines.ts";
import type { Rule, ScoredRule } from "./rule.ts";
import type { Stretch } from "./spread.ts";
import { unitRule } from "./unitRule.ts";
import { isBareNumber, rankOf } from "./units.ts";

/** A chapter with sections in it is a chapter still up to this length (mean, UTF-16 units); beyond, it is a volume. */
const longestWithSections = 30_000;
/** Episodes and essays, which are counted as volumes may be (第一集), with numbered sections in them are chapters up to this length. */
const longestEpisode = 6_000;

/** The rule that explains a stretch best, or undefined if none does. `found` are its lines that are not named headings. */
export function chooseRule(
  lines: TextLines,
  stretch: Stretch,
  found: readonly Found[],
  named: readonly Found[],
): Rule | undefined {
  const byUnit = groupBy(found, ({ unit }) => unit);
  const rules = [...byUnit.keys()].flatMap((unit) => unitRule(lines, stretch, unit, byUnit, named) ?? []);
  const best = rules.reduce<ScoredRule | undefined>(
    (best, next) => (best && best.score >= next.score ? best : next),
    undefined,
  );
  return best && (withoutSections(lines, stretch, best, rules) ?? best);
}

/** Sections that begin again in each chapter of usual length, and a site's pages, are part of the chapters' text. */
function withoutSections(
  lines: TextLines,
  stretch: Stretch,
  best: ScoredRule,
  rules: readonly ScoredRule[],
): ScoredRule | undefined {
  if (rankOf(best.unit) < 4) return undefined;
  const restarts = best.chapters.filter((chapter, index) => index > 0 && chapter.number <= 1).length;
  return rules.find((rule) => {
    const { length } = rule.chapters;
    const mean = textBetween(lines, rule.chapters[0]!.line, stretch.to) / length;
    const isEpisode = /^[集篇]$/u.test(rule.unit) && isBareNumber(best.unit);
    const longest = rankOf(rule.unit) === 3 ? longestWithSections : isEpisode ? longestEpisode : 0;
    return length >= 2 && restarts >= 0.6 * (length - 1) && mean < longest;
  });
}
