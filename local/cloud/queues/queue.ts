import { createHash, randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { QueueResource } from "../resources.ts";

/** An attribute of a message, as SQS's protocol writes it. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** A message in a queue. Times are in milliseconds since the epoch. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly sentAt: number;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  /** Of the last time that it was received. Older ones are good for nothing. */
  receipt?: string;
}

export const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/**
 * A standard queue in memory. What is received is invisible until its time-out; what is received too often goes to the
 * dead-letter queue instead (SQS developer guide, "Visibility timeout" and "Dead-letter queues").
 */
export class Queue {
  readonly #clock: Clock;
  readonly #messages = new Map<string, Message>();
  readonly #listeners = new Set<() => void>();
  readonly #deadLetters: (message: Message) => void;
  resource: QueueResource;

  /** @param deadLetters takes what was received too often */
  constructor(resource: QueueResource, clock: Clock, deadLetters: (message: Message) => void) {
    this.resource = resource;
    this.#clock = clock;
    this.#deadLetters = deadLetters;
  }

  /** How many can be received, wait for their delay, and are being handled. */
  get counts(): { readonly visible: number; readonly delayed: number; readonly hidden: number } {
    const now = this.#clock.now();
    const all = [...this.#messages.values()];
    const later = all.filter(({ visibleAt }) => visibleAt > now);
    const delayed = later.filter(({ receiveCount }) => receiveCount === 0).length;
    return { visible: all.length - later.length, delayed, hidden: later.length - delayed };
  }

  /** @param delay seconds; by default the queue's */
  send(body: string, attributes: Message["attributes"] = {}, delay = this.resource.delay): Message {
    const now = this.#clock.now();
    const message = { id: randomUUID(), body, attributes, sentAt: now, visibleAt: now + delay * 1000, receiveCount: 0 };
    this.#messages.set(message.id, message);
    this.#showLater(delay * 1000);
    return message;
  }

  /** Takes a message of another queue, with its id and its age. */
  add(message: Message): void {
    this.#messages.set(message.id, { ...message, visibleAt: this.#clock.now(), receiveCount: 0 });
    this.#showLater(0);
  }

  /** Receives up to `count` messages, which are then invisible. */
  take(count: number, timeout = this.resource.visibilityTimeout): Message[] {
    const { retention, redrive } = this.resource;
    const now = this.#clock.now();
    const taken: Message[] = [];
    for (const message of [...this.#messages.values()]) {
      if (taken.length >= count) break;
      if (now - message.sentAt > retention * 1000) this.#messages.delete(message.id);
      else if (message.visibleAt <= now) {
        if (redrive && message.receiveCount >= redrive.maxReceiveCount) {
          this.#messages.delete(message.id);
          this.#deadLetters(message);
        } else taken.push(this.#receive(message, now + timeout * 1000));
      }
    }
    if (taken.length > 0) this.#showLater(timeout * 1000);
    return taken.map((message) => ({ ...message }));
  }

  /** Receives like `take`, and waits for the first message for up to `seconds`. */
  async wait(count: number, timeout: number | undefined, seconds: number): Promise<Message[]> {
    const until = this.#clock.now() + seconds * 1000;
    for (;;) {
      const taken = this.take(count, timeout);
      const left = until - this.#clock.now();
      if (taken.length > 0 || left <= 0) return taken;
      await new Promise<void>((resolve) => {
        const [stop, cancel] = [this.onVisible(() => done()), this.#clock.after(left, () => done())];
        const done = () => {
          stop();
          cancel();
          resolve();
        };
      });
    }
  }

  /** Removes a message. An old receipt removes nothing. */
  delete(receipt: string): void {
    const message = this.#byReceipt(receipt);
    if (message) this.#messages.delete(message.id);
  }

  /** Makes a message visible after these seconds. @returns whether the receipt is good */
  changeVisibility(receipt: string, seconds: number): boolean {
    const message = this.#byReceipt(receipt);
    if (!message) return false;
    message.visibleAt = this.#clock.now() + seconds * 1000;
    this.#showLater(seconds * 1000);
    return true;
  }

  purge(): void {
    this.#messages.clear();
  }

  /** Calls back whenever a message may have become visible. @returns a function that stops it */
  onVisible(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #receive(message: Message, visibleAt: number): Message {
    message.visibleAt = visibleAt;
    message.receiveCount++;
    message.firstReceivedAt ??= this.#clock.now();
    message.receipt = `${message.id}:${randomUUID()}`;
    return message;
  }

  #byReceipt(receipt: string): Message | undefined {
    const message = this.#messages.get(receipt.split(":")[0] ?? "");
    return message?.receipt === receipt ? message : undefined;
  }

  #showLater(milliseconds: number): void {
    this.#clock.after(milliseconds, () => {
      for (const listener of this.#listeners) listener();
    });
  }
}
