import type { CloudResources } from "../../../local/cloud/resources.ts";

/** A template without anything around its functions. */
export const NO_RESOURCES: CloudResources = {
  ...{ tables: [], queues: [], buses: [], rules: [], schedules: [] },
  ...{ streamSources: [], queueSources: [], subscriptions: [], logGroups: {} },
};
