import { buildYardsticks } from "./yardsticks.ts";

/** In a process of its own: what the bundler takes in memory would count as the peak of every process that is measured. */
await buildYardsticks();
