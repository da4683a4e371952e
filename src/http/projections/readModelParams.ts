import { z } from "zod";
import { readModels } from "../../projections/registry.ts";
import { RequestProblem } from "../problems.ts";

/** The parameters of a path with a read model's name. */
export const readModelParams = z.strictObject({
  name: z.string().meta({ description: `The read model: ${readModels.map((known) => known.name).join(", ")}.` }),
});

/** Throws RequestProblem `read_model_not_found`. */
export function requireReadModel(name: string): void {
  if (readModels.some((readModel) => readModel.name === name)) return;
  throw new RequestProblem(
    "read_model_not_found",
    `The read models are ${readModels.map((known) => known.name).join(", ")}.`,
  );
}
