/** What our own processes need to run, each in a process of its own. */
export const engineNames = ["postgres", "redis", "eventstore", "elasticsearch", "wechat"] as const;
export type EngineName = (typeof engineNames)[number];
