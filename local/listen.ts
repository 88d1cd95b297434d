import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Starts a server.
 *
 * @param port 0 takes a free port
 * @returns the port
 * @throws {NodeJS.ErrnoException} `EADDRINUSE`, with the number as `port`, if the port is in use
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, "listening");
  // A connection that cannot be accepted, because there are too many open files, must not end the process.
  server.on("error", () => {});
  return (server.address() as AddressInfo).port;
}

/** Stops a server and closes all its connections. */
export async function shut(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
