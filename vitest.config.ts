import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build-bundles.ts"],
    // Credentials and addresses of real accounts must not leak into, or decide, a test.
    env: {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    setupFiles: [
      "test/unstub-environment.ts",
      // The files of an embedded database need none of it, nor the time that it takes to load.
      ...(process.env.AWS_ENDPOINT_URL_DYNAMODB ? ["test/empty-database.ts"] : []),
    ],
    // What is deprecated today is broken tomorrow.
    execArgv: ["--throw-deprecation"],
    sequence: { shuffle: true },
    // Vitest leaves a processor free, which is half of a machine with two.
    maxWorkers: "100%",
    // The stacks of two files have an embedded database each, but would share the tables of one that is named.
    fileParallelism: !process.env.AWS_ENDPOINT_URL_DYNAMODB,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
