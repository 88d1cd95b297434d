import { afterEach, vi } from "vitest";

// Vitest's `unstubEnvs` waits for the next test to start. In between, the hooks of another `describe` may run, and would
// see the environment of a test that has ended.
afterEach(() => void vi.unstubAllEnvs());
