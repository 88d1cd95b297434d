import { queueArn } from "../../events/arn.ts";
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import type { Report } from "../report.ts";
import type { QueueResource } from "../resources.ts";
import { type Message, Queue } from "./queue.ts";

/** The queues of a template. They keep their messages over a reload. */
export class Queues {
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #queues = new Map<string, Queue>();

  constructor(clock: Clock, report: Report) {
    this.#clock = clock;
    this.#report = report;
  }

  get names(): string[] {
    return [...this.#queues.keys()];
  }

  /** Makes the queues of a template, and forgets those that it has no more. */
  use(resources: readonly QueueResource[]): void {
    for (const name of this.#queues.keys()) {
      if (!resources.some((resource) => resource.name === name)) this.#queues.delete(name);
    }
    for (const resource of resources) {
      const known = this.#queues.get(resource.name);
      if (known) known.resource = resource;
      else this.#queues.set(resource.name, this.#queue(resource));
    }
  }

  byArn(arn: string): Queue | undefined {
    return this.#queues.get(this.names.find((name) => queueArn(name) === arn) ?? "");
  }

  /** A queue by its name or its URL. @throws {AwsError} if there is none */
  named(nameOrUrl: unknown): Queue {
    const name = String(nameOrUrl).split("/").at(-1) ?? "";
    const queue = this.#queues.get(name);
    if (!queue) throw new AwsError("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }

  /** Tells of a message that somebody sent to a queue of dead letters, with the reason that it gives. */
  sent(queue: Queue, { attributes }: Message): void {
    const arn = queueArn(queue.resource.name);
    const from = [...this.#queues.values()].find(({ resource: { redrive } }) => redrive?.queue === arn);
    if (!from) return;
    const reason = attributes.reason?.StringValue ?? "sent there";
    const mistakes = attributes.mistakes?.StringValue;
    this.#report({
      ...{ kind: "given up", time: this.#clock.now(), from: from.resource.name, count: 1, kept: queue.resource.name },
      reason: mistakes === undefined ? reason : `${reason}, ${mistakes}`,
    });
  }

  #queue(resource: QueueResource): Queue {
    const queue: Queue = new Queue(resource, this.#clock, (message) => {
      const { name, redrive } = queue.resource;
      const target = redrive && this.byArn(redrive.queue);
      const kept = target && { kept: target.resource.name };
      this.#report({
        ...{ kind: "given up", time: this.#clock.now(), from: name, count: 1 },
        ...{ reason: `received ${message.receiveCount} times`, ...kept },
      });
      target?.add(message);
    });
    return queue;
  }
}
