declare module "dynalite" {
  import type { Server } from "node:http";

  /** Milliseconds that tables take to be created; without `path` everything is in memory. */
  export default function dynalite(options?: { createTableMs?: number; path?: string }): Server;
}
