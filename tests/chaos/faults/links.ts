import type { FaultContext } from "./fault.ts";

/** Some or all of the links, or all to one server, chosen by the seed. */
function chosen({ world, random }: FaultContext) {
  const { links } = world;
  const chance = random.next();
  if (chance < 0.3) return { links, what: "all links" };
  if (chance < 0.6) {
    const server = random.pick(["postgres", "redis", "eventstore", "elasticsearch", "api"]);
    return { links: links.filter(({ name }) => name.endsWith(`→${server}`)), what: `the links to ${server}` };
  }
  // A stopped part, or a second one that does not exist, has none.
  const one = random.pick(links.filter((link) => link.connections() > 0).concat(links.slice(0, 1)));
  return { links: [one], what: one.name };
}

export async function reset(context: FaultContext): Promise<string> {
  const { links, what } = chosen(context);
  const count = links.reduce((sum, link) => sum + link.cut(), 0);
  return `${what}: ${count} connections reset`;
}

export async function stall(context: FaultContext): Promise<string> {
  const { links, what } = chosen(context);
  await Promise.all(links.map((link) => link.stall(context.forMs)));
  return `${what} stalled for ${context.forMs / 1_000} s`;
}

/** Time for which a connection stays half-open: by then keep-alive has detected it. */
const halfOpenMs = 15_000;

export async function halfOpen(context: FaultContext): Promise<string> {
  const { links, what } = chosen(context);
  const count = links.reduce((sum, link) => sum + link.halfOpen(halfOpenMs), 0);
  return `${what}: ${count} connections half-open for ${halfOpenMs / 1_000} s`;
}
