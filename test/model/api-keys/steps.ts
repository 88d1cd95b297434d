import * as fc from "fast-check";
import type { Operation } from "./key.ts";

/** One thing that happens to one of the keys of a run. */
export type Step = { readonly on: number } & (
  | { readonly do: "operation"; readonly operation: Operation }
  /** Two operators at once, who both read the same version. */
  | { readonly do: "race"; readonly operations: readonly [Operation, Operation] }
  /** To a limit of the key, and some seconds; or just some seconds. */
  | { readonly do: "wait"; readonly to: "end" | "grace" | "now"; readonly plus: number }
  | { readonly do: "export" }
  | { readonly do: "import"; readonly restores: boolean }
);

const match = fc.constantFrom("right", "right", "right", "right", "wrong", "none" as const);
const span = fc.constantFrom(1, 60, 3599, 3600, 3601, 86_400);
const kind = fc.constantFrom("disable", "enable", "revoke", "delete" as const);

const operation = fc.oneof(
  fc.record({ kind: fc.constant("name" as const), match, name: fc.uuid() }),
  fc.record({ kind: fc.constant("end" as const), match, in: fc.option(span) }),
  fc.record({
    kind: fc.constant("rotate" as const),
    match,
    grace: fc.oneof(span, fc.constant(0)),
    endsEarlierGrace: fc.boolean(),
  }),
  { arbitrary: fc.record({ kind, match }), weight: 3 },
) as fc.Arbitrary<Operation>;

const on = fc.nat({ max: 1 });
const wait = fc.record({
  ...{ on, do: fc.constant("wait" as const), to: fc.constantFrom("end", "grace", "now" as const) },
  plus: fc.oneof(fc.constantFrom(-1, 0, 1), span),
});

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { arbitrary: fc.record({ on, do: fc.constant("operation" as const), operation }), weight: 8 },
    {
      arbitrary: fc.record({ on, do: fc.constant("race" as const), operations: fc.tuple(operation, operation) }),
      weight: 2,
    },
    { arbitrary: wait, weight: 3 },
    { arbitrary: fc.record({ on, do: fc.constant("export" as const) }), weight: 2 },
    { arbitrary: fc.record({ on, do: fc.constant("import" as const), restores: fc.boolean() }), weight: 2 },
  ),
  { minLength: 4, maxLength: 20, size: "max" },
);
