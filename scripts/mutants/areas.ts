/** Code that is mutated together, and the tests that must notice it. */
export interface Area {
  /** Its folder; an area of several folders has a name of its own. */
  readonly name: string;
  /** Globs of the mutated files. */
  readonly mutate: readonly string[];
  /** Globs of the tests. Those that start servers or run the built bundle are left out: each mutant runs them again. */
  readonly tests: readonly string[];
  /**
   * Modules that the code loads at its first use. They are loaded before the tests: code that runs while its module is
   * loaded would else belong to the one test that happens to load it, and nothing else would be asked of it.
   */
  readonly load?: readonly string[];
  /** Whether each test file needs a process state of its own, for servers and environment variables: it takes longer. */
  readonly isolate?: true;
}

/** Decisions from verdicts to policies. */
const WHOLE = ["test/functions/authorizer/authorize.test.ts"];

export const AREAS: readonly Area[] = [
  {
    name: "shared/domain/policy",
    mutate: ["shared/domain/policy/**/*.ts"],
    tests: ["test/shared/domain/policy/**/*.test.ts", ...WHOLE],
  },
  {
    name: "shared/domain/caller",
    mutate: ["shared/domain/caller/**/*.ts"],
    tests: ["test/shared/domain/caller/**/*.test.ts", ...WHOLE],
  },
  {
    name: "credentials",
    mutate: ["shared/domain/request/**/*.ts", "functions/authorizer/api-kinds/**/*.ts"],
    tests: ["test/shared/domain/request/**/*.test.ts", "test/functions/authorizer/api-kinds/*.test.ts", ...WHOLE],
  },
  {
    name: "chain",
    mutate: ["providers/*.ts"],
    tests: ["test/providers/*.test.ts", ...WHOLE],
  },
  {
    name: "providers/api-key",
    mutate: ["providers/api-key/**/*.ts", "shared/infrastructure/dynamodb/attribute-value.ts"],
    tests: ["test/providers/api-key/**/*.test.ts", "test/shared/infrastructure/secret/newer-secret.test.ts", ...WHOLE],
    isolate: true,
  },
  {
    name: "providers/jwt",
    mutate: ["providers/jwt/**/*.ts"],
    tests: ["test/providers/jwt/**/*.test.ts", "test/shared/infrastructure/secret/newer-secret.test.ts", ...WHOLE],
  },
  {
    name: "providers/confirmation",
    mutate: ["providers/confirmation/**/*.ts", "providers/used-once.ts"],
    tests: [...["test/providers/confirmation/**/*.test.ts", "test/providers/saml/replay*.test.ts"], ...WHOLE],
  },
  {
    name: "shared/infrastructure/remote",
    mutate: ["shared/infrastructure/remote/**/*.ts"],
    tests: ["test/shared/infrastructure/remote/**/*.test.ts"],
  },
  {
    name: "providers/saml",
    mutate: ["providers/saml/**/*.ts"],
    // The changes of signed messages take minutes. What they show of a reading is asked by name elsewhere.
    tests: ["test/providers/saml/**/*.test.ts", "!test/providers/saml/mutations.test.ts"],
    load: ["providers/saml/verifier.ts", "providers/saml/metadata.ts", "providers/saml/replay.ts"],
  },
];
