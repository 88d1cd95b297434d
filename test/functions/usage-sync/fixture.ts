import type { GatewayKey, GatewayKeys } from "../../../functions/usage-sync/gateway-keys.ts";
import { descriptionOf, subjectId } from "../../../functions/usage-sync/subject.ts";

/** API Gateway's keys and usage plans in memory. */
export interface FakeGateway extends GatewayKeys {
  readonly keys: Map<string, GatewayKey>;
  /** IDs of the keys in each plan. */
  readonly members: Map<string, Set<string>>;
  /** Calls that change something. */
  readonly changes: string[];
}

export function fakeGateway(...plans: string[]): FakeGateway {
  const keys = new Map<string, GatewayKey>();
  const members = new Map(plans.map((plan) => [plan, new Set<string>()]));
  const changes: string[] = [];
  const keysOf = (plan: string) => {
    const found = members.get(plan);
    if (!found) throw named("NotFoundException");
    return found;
  };
  return {
    ...{ keys, members, changes },
    list: async (subject) => [...keys.values()].filter((key) => !subject || key.subjectId === subjectId(subject)),
    async create(subject) {
      const id = `k${keys.size}`;
      const value = `value-of-${id}-0123456789`;
      const description = descriptionOf(subject);
      const key = { id, value, description, subjectId: subjectId(subject), createdAt: keys.size };
      keys.set(id, key);
      changes.push(`create ${subject.name}`);
      return key;
    },
    async remove(id) {
      keys.delete(id);
      for (const each of members.values()) each.delete(id);
      changes.push(`remove ${id}`);
    },
    plans: async () => [...members.keys()],
    keysIn: async (plan) => [...keysOf(plan)],
    async attach(id, plan) {
      if (keysOf(plan).has(id)) throw named("ConflictException");
      keysOf(plan).add(id);
      changes.push(`attach ${id} ${plan}`);
    },
    async detach(id, plan) {
      keysOf(plan).delete(id);
      changes.push(`detach ${id} ${plan}`);
    },
  };
}

const named = (name: string) => Object.assign(new Error(name), { name });
