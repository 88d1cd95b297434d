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
    setupFiles: ["test/unstub-environment.ts"],
    // What is deprecated today is broken tomorrow.
    execArgv: ["--throw-deprecation"],
    sequence: { shuffle: true },
    // Vitest leaves a processor free, which is half of a machine with two.
    maxWorkers: "100%",
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
