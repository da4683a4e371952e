import { percentiles } from "../load/percentiles.ts";
import type { Counted } from "./count.ts";
import type { Contestant, Turn } from "./turn.ts";

const columns = [
  "system",
  "commands/s",
  "× C'",
  "× Emmett",
  "p50 ms",
  "p99 ms",
  "CPU ms/command",
  "of it API",
  "× C'",
  "read models s later",
  "errors",
  "acknowledged = stored",
] as const;

/** The systems as a table in Markdown: medians of the rounds; ratios are medians of those within each round. */
export function asTable(contestants: readonly Contestant[], counted: ReadonlyMap<string, Counted>): string {
  const of = (letter: string) => contestants.find((contestant) => contestant.letter === letter);
  const [projected, emmett] = [of("C'"), of("B")];
  const rows = contestants.map((contestant) => {
    const { letter, title, turns } = contestant;
    const middle = (pick: (turn: Turn) => number) => median(turns.map(pick));
    const ratio = (other: Contestant | undefined, pick: (turn: Turn) => number) =>
      other === undefined
        ? "–"
        : median(turns.map((turn, round) => pick(turn) / pick(other.turns[round] as Turn))).toFixed(2);
    const errors = turns.flatMap((turn) => Object.values(turn.errors)).reduce((sum, count) => sum + count, 0);
    return [
      `${letter} ${title}`,
      middle(rateOf).toFixed(0),
      ratio(projected, rateOf),
      ratio(emmett, rateOf),
      middle(({ p50 }) => p50).toFixed(1),
      middle(({ p99 }) => p99).toFixed(1),
      middle(cpuOf).toFixed(2),
      middle(({ cpu, commands }) => ((cpu.api ?? Number.NaN) / commands) * 1_000).toFixed(2),
      ratio(projected, cpuOf),
      middle(({ lagSeconds }) => lagSeconds).toFixed(1),
      `${errors}`,
      verdictOf(counted.get(letter)),
    ];
  });
  return [columns, columns.map((_, index) => (index === 0 ? "---" : "--:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** Formats a turn as a line, with the CPU of each process per command. */
export function turnLine(round: number, { letter }: Contestant, turn: Turn): string {
  const { p50, p99, commands, lagSeconds, cpu, errors } = turn;
  const parts = Object.entries(cpu).map(([name, used]) => `${name} ${((used / commands) * 1_000).toFixed(2)}`);
  const wrong = Object.keys(errors).length > 0 ? `; errors ${JSON.stringify(errors)}` : "";
  const speed = `${rateOf(turn).toFixed(0)}/s, p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms, read models ${lagSeconds.toFixed(1)} s later`;
  return `round ${round} ${letter.padEnd(2)} ${speed}; CPU ms/command: ${parts.join(", ")}${wrong}`;
}

const rateOf = ({ commands, seconds }: Turn) => commands / seconds;

/** CPU of all processes, in milliseconds per command. */
const cpuOf = ({ cpu, commands }: Turn) => (Object.values(cpu).reduce((sum, used) => sum + used, 0) / commands) * 1_000;

const median = (numbers: readonly number[]) => percentiles(numbers, 50)[0] ?? Number.NaN;

function verdictOf(counted: Counted | undefined): string {
  if (counted === undefined) return "stores nothing";
  const { acknowledged, stored, differing } = counted;
  return differing === 0 ? `${acknowledged} = ${stored}` : `${acknowledged} ≠ ${stored}, ${differing} READERS DIFFER`;
}
