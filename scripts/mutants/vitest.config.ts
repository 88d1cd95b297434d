import { defineConfig } from "vitest/config";
import { AREAS } from "./areas.ts";

/** Tests of a mutation run: those of the areas, in this process's own time, without bundles and in a fixed order. */
const area = AREAS.find(({ name }) => name === process.env.SALLYPORT_MUTANTS);

export default defineConfig({
  test: {
    root: process.cwd(),
    include: [...(area?.tests ?? [])],
    setupFiles: ["scripts/mutants/few-runs.ts"],
    env: {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    isolate: area?.isolate ?? false,
    unstubEnvs: true,
    sequence: { shuffle: false },
    testTimeout: 20_000,
  },
});
