import { issueApiKey } from "../../providers/api-key/management/issue.ts";
import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import { rotateKey } from "../../providers/api-key/management/rotate.ts";
import { deleteKey, disableKey, enableKey, revokeKey } from "../../providers/api-key/management/status.ts";
import { updateKey } from "../../providers/api-key/management/update.ts";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import type { EventName } from "../../shared/domain/events/events.ts";
import type { Random } from "../../test/model/random.ts";
import { Timeline } from "./timeline.ts";

/** A key with its current and its earlier secrets, and what was done to it. */
export interface OperatedKey {
  readonly id: string;
  /** Each secret with what its callers must get. The last one is the current secret. */
  readonly secrets: { readonly text: string; readonly timeline: Timeline }[];
  /** The event that each version must lead to: the first is that of version 1. */
  readonly changes: EventName[];
  status: "active" | "disabled" | "revoked" | "deleted";
}

const time = () => Math.floor(Date.now() / 1000);

/** Changes keys at random, one change after the other, and keeps what follows from each. */
export class Operator {
  readonly keys: OperatedKey[] = [];
  readonly #table: KeyTable;
  readonly #config: ApiKeysConfig;
  readonly #random: Random;

  constructor(table: KeyTable, config: ApiKeysConfig, random: Random) {
    this.#table = table;
    this.#config = config;
    this.#random = random;
  }

  async issue(): Promise<void> {
    const options = { name: "Partner", owner: "team", scopes: ["orders:read", "orders:write"] };
    const timeline = new Timeline();
    const confirm = timeline.turn(true);
    const { key: text, record } = await issueApiKey(options, this.#config, this.#table, this.#who());
    confirm();
    this.keys.push({ id: record.id, secrets: [{ text, timeline }], changes: ["KeyIssued"], status: "active" });
  }

  /** Makes one change of one key that is not deleted. */
  async change(): Promise<void> {
    const left = this.keys.filter(({ status }) => status !== "deleted");
    if (left.length === 0) return;
    const key = this.#random.pick(left);
    if (key.status === "revoked") return this.#delete(key);
    const steps = [
      ...(key.status === "active" ? [this.#disable, this.#rotate, this.#narrow] : [this.#enable, this.#enable]),
      ...(this.#random.chance(0.5) ? [this.#revoke] : []),
    ];
    await this.#random.pick(steps).call(this, key);
  }

  async #disable(key: OperatedKey): Promise<void> {
    const confirm = this.#refuse(key);
    await disableKey(this.#table, key.id, this.#who());
    confirm("disabled", "KeyDisabled");
  }

  async #revoke(key: OperatedKey): Promise<void> {
    const confirm = this.#refuse(key);
    await revokeKey(this.#table, key.id, this.#who());
    confirm("revoked", "KeyRevoked");
  }

  async #delete(key: OperatedKey): Promise<void> {
    await deleteKey(this.#table, key.id, this.#who());
    key.status = "deleted";
    key.changes.push("KeyDeleted");
  }

  async #enable(key: OperatedKey): Promise<void> {
    const confirm = key.secrets.at(-1)?.timeline.turn(true);
    await enableKey(this.#table, key.id, this.#who());
    confirm?.();
    key.status = "active";
    key.changes.push("KeyEnabled");
  }

  /** Replaces the secret at once. */
  async #rotate(key: OperatedKey): Promise<void> {
    const timeline = new Timeline();
    const confirms = [key.secrets.at(-1)?.timeline.turn(false), timeline.turn(true)];
    const { key: text } = await rotateKey(this.#table, key.id, this.#config, this.#who(), { grace: 0 });
    for (const confirm of confirms) confirm?.();
    key.secrets.push({ text, timeline });
    key.changes.push("KeyRotated");
  }

  async #narrow(key: OperatedKey): Promise<void> {
    const scopes = [`orders:read`, `v${key.changes.length}`];
    await updateKey(this.#table, key.id, { scopes }, this.#who());
    key.changes.push("KeyUpdated");
  }

  /** All secrets are about to be refused. @returns what is called when they are */
  #refuse(key: OperatedKey): (status: OperatedKey["status"], event: EventName) => void {
    const confirms = key.secrets.map(({ timeline }) => timeline.turn(false));
    return (status, event) => {
      for (const confirm of confirms) confirm();
      key.status = status;
      key.changes.push(event);
    };
  }

  readonly #who = () => ({ by: "operator", reason: "drill", time: time() });
}
