import { type RemoteTimes, RemoteValue } from "../../../../shared/infrastructure/remote/remote-value.ts";

export interface Document {
  readonly version: number;
}

export const TIMES: RemoteTimes = {
  timeout: 3000,
  maxAge: 60_000,
  staleIfError: 600_000,
  budget: { size: 3, refill: 5000 },
};

/** A server of one document, whose answers a test decides, and a value that is fetched from it. */
export class RemoteServer {
  version = 1;
  requests = 0;
  /** `hang` leaves requests open until the test ends them. */
  mood: "well" | "failing" | "hanging" = "well";
  readonly open: PromiseWithResolvers<Document>[] = [];
  readonly signals: AbortSignal[] = [];

  readonly fetch = async (signal: AbortSignal, known?: Document): Promise<Document> => {
    this.requests++;
    this.signals.push(signal);
    if (this.mood === "failing") throw new Error("status 503");
    if (this.mood === "hanging") {
      const held = Promise.withResolvers<Document>();
      this.open.push(held);
      return held.promise;
    }
    return known?.version === this.version ? known : { version: this.version };
  };

  value(times: Partial<RemoteTimes> = {}): RemoteValue<Document> {
    return new RemoteValue<Document>(this.fetch, { ...TIMES, ...times }, "key_set_unavailable");
  }

  /** Ends the oldest open request as its timeout would. */
  timeOut(): void {
    this.open.shift()?.reject(new DOMException("timeout", "TimeoutError"));
  }
}
