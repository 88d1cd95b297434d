import { performance } from "node:perf_hooks";
import { issueApiKey } from "../../providers/api-key/management/issue.ts";
import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import { rotateKey } from "../../providers/api-key/management/rotate.ts";
import { disableKey, enableKey, revokeKey } from "../../providers/api-key/management/status.ts";
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
  status: "active" | "disabled" | "revoked";
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
    const { key, record } = await issueApiKey(options, this.#config, this.#table, { by: "operator", time: time() });
    const secrets = [{ text: key, timeline: new Timeline(performance.now()) }];
    this.keys.push({ id: record.id, secrets, changes: ["KeyIssued"], status: "active" });
  }

  /** Makes one change of one key that is not revoked. */
  async change(): Promise<void> {
    const left = this.keys.filter(({ status }) => status !== "revoked");
    if (left.length === 0) return;
    const key = this.#random.pick(left);
    const steps = [
      ...(key.status === "active" ? [this.#disable, this.#rotate, this.#narrow] : [this.#enable, this.#enable]),
      ...(this.#random.chance(0.5) ? [this.#revoke] : []),
    ];
    await this.#random.pick(steps).call(this, key);
  }

  async #disable(key: OperatedKey): Promise<void> {
    await disableKey(this.#table, key.id, this.#who());
    this.#refuse(key, "disabled", "KeyDisabled");
  }

  async #revoke(key: OperatedKey): Promise<void> {
    await revokeKey(this.#table, key.id, this.#who());
    this.#refuse(key, "revoked", "KeyRevoked");
  }

  async #enable(key: OperatedKey): Promise<void> {
    const asked = performance.now();
    await enableKey(this.#table, key.id, this.#who());
    key.status = "active";
    key.changes.push("KeyEnabled");
    key.secrets.at(-1)?.timeline.add(asked, true);
  }

  /** Replaces the secret at once. */
  async #rotate(key: OperatedKey): Promise<void> {
    const asked = performance.now();
    const { key: text } = await rotateKey(this.#table, key.id, this.#config, this.#who(), { grace: 0 });
    key.secrets.at(-1)?.timeline.add(performance.now(), false);
    key.secrets.push({ text, timeline: new Timeline(asked) });
    key.changes.push("KeyRotated");
  }

  async #narrow(key: OperatedKey): Promise<void> {
    const scopes = [`orders:read`, `v${key.changes.length}`];
    await updateKey(this.#table, key.id, { scopes }, this.#who());
    key.changes.push("KeyUpdated");
  }

  #refuse(key: OperatedKey, status: OperatedKey["status"], event: EventName): void {
    key.status = status;
    key.changes.push(event);
    for (const { timeline } of key.secrets) timeline.add(performance.now(), false);
  }

  readonly #who = () => ({ by: "operator", reason: "drill", time: time() });
}
