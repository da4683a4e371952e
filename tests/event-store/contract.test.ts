import { connectEventStore } from "../../src/event-store/connect.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { freshEventStore } from "../support/eventStore.ts";
import { memoryEventStore } from "../support/memoryEventStore.ts";
import { eventStoreContract } from "./contract.ts";

eventStoreContract("in memory", async () => ({ store: memoryEventStore(), stop: async () => {} }));

const served = process.env.TEST_EVENTSTORE_URL === undefined ? "embedded" : "the one of TEST_EVENTSTORE_URL";
eventStoreContract(served, async () => {
  const server = await freshEventStore();
  const store = connectEventStore({ url: server.url, logger: createLogger("test", "silent") });
  return {
    store,
    stop: async () => {
      await store.close();
      await server.stop();
    },
  };
});
