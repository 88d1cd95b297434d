import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { generate } from "selfsigned";

/** What a party in health answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One request to a party, as a fault sees it. */
export interface Exchange {
  readonly response: ServerResponse;
  /** Asks the party in health. */
  readonly honest: () => Promise<Answer>;
  /** A well-formed answer of this party about something else. */
  readonly other: () => Answer;
  /** How many requests came before since the fault began. */
  readonly nth: number;
  /** Origin of the party. */
  readonly origin: string;
}

/** How a party is faulty. */
export interface Fault {
  readonly name: string;
  /** Whether connections fail already. */
  readonly connections?: "refused" | "reset" | "certificate";
  readonly respond?: (exchange: Exchange) => void | Promise<void>;
  /** Sound callers may be refused: the party answers well-formed, with keys or a secret that are not theirs. */
  readonly mayRefuse?: boolean;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export async function loopbackCertificate(): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keySize: 2048,
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  return { cert, key };
}

/** What a party answers in health, and with the content of another. */
export interface Conduct {
  answer(request: IncomingMessage, body: Buffer): Promise<Answer> | Answer;
  other(): Answer;
}

/** An HTTPS server on loopback that can be made faulty. */
export class Party {
  readonly #conduct: Conduct;
  readonly #server: Server;
  readonly #certificates: readonly [good: Certificate, bad: Certificate];
  readonly #open = new Set<ServerResponse>();
  #fault: Fault | undefined;
  #port = 0;
  #nth = 0;
  /** Requests, and connections that were reset. */
  calls = 0;

  constructor(conduct: Conduct, certificates: readonly [good: Certificate, bad: Certificate]) {
    this.#conduct = conduct;
    this.#certificates = certificates;
    this.#server = createServer(certificates[0], (request, response) => {
      // An exchange that is cut off is what some faults are about.
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.on("connection", (socket: Socket) => {
      if (this.#fault?.connections !== "reset") return;
      this.calls++;
      socket.resetAndDestroy();
    });
    this.#server.on("tlsClientError", () => {
      this.calls++;
    });
  }

  get origin(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Exchanges whose answer has not ended, and whose connection is open. */
  get open(): number {
    return this.#open.size;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Makes the party faulty, or well if there is no fault. */
  async suffer(fault: Fault | undefined): Promise<void> {
    const [before, after] = [this.#fault?.connections, fault?.connections];
    this.#fault = fault;
    this.#nth = 0;
    if (after === "refused") await this.close();
    if (before === "refused") await this.listen();
    if (after === "certificate") this.#server.setSecureContext(this.#certificates[1]);
    if (before === "certificate") this.#server.setSecureContext(this.#certificates[0]);
    if (after) this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.calls++;
    this.#open.add(response);
    response.on("close", () => this.#open.delete(response));
    response.on("error", () => {});
    const body = await buffer(request);
    const honest = async () => this.#conduct.answer(request, body);
    const { origin } = this;
    const other = () => this.#conduct.other();
    if (this.#fault?.respond) await this.#fault.respond({ response, honest, other, nth: this.#nth++, origin });
    else send(response, await honest());
  }
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "Content-Length": body.length }).end(body);
}
