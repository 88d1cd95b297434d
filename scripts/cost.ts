import { commandLine, WrongUsage } from "../local/command-line.ts";
import { billedMilliseconds, costOf, costOfChanges, type Decision, decisionsFor, totalOf } from "./cost/model.ts";

/** Prints the tables of docs/cost.md. */
const COMMAND = {
  usage: `Usage: npm run cost -- [options]

Prints what the authorizer adds to the bill, as in docs/cost.md.

  --cpu MS           milliseconds of a whole processor for a decision without a table (default 1)
  --key-cpu MS       the same for an API key (default 2)
  --wait MS          milliseconds that DynamoDB takes for an API key (default 5)
  --rate N           requests a minute of one caller (default 6)
  --help, --version  print this text, or the version
`,
  options: {
    cpu: { type: "string", default: "1" },
    "key-cpu": { type: "string", default: "2" },
    wait: { type: "string", default: "5" },
    rate: { type: "string", default: "6" },
  },
} as const;
const { token, key, rate } = commandLine(COMMAND, ({ values }) => ({
  token: { cpu: numberOf("cpu", values.cpu), wait: 0, reads: 0 } satisfies Decision,
  key: {
    cpu: numberOf("key-cpu", values["key-cpu"]),
    wait: numberOf("wait", values.wait),
    reads: 1,
  } satisfies Decision,
  rate: numberOf("rate", values.rate) / 60,
}));
const MEMORY = 512;
const TTLS = [0, 60, 300, 3600];

const lines: string[] = [];
heading("Requests and the cache");
for (const [name, decision] of [
  ["JWT", token],
  ["API key", key],
] as const) {
  table(
    [`${name}: requests a month`, ...TTLS.map((ttl) => `TTL ${ttl} s`)],
    [1e6, 1e7, 1e8, 1e9].map((requests) => [
      requests.toLocaleString("en"),
      ...TTLS.map((ttl) => dollars(costAt(decisionsFor(requests, ttl, rate), decision, 1))),
    ]),
  );
}
heading("What is paid for");
table(
  ["a million decisions", "invocations", "duration", "DynamoDB", "logs", "together"],
  [["JWT", token] as const, ["API key", key] as const].map(([name, decision]) => {
    const cost = costOf(1e6, decision, { memory: MEMORY, allowed: 1 });
    return [name, ...[cost.invocations, cost.duration, cost.reads, cost.logs, totalOf(cost)].map(dollars)];
  }),
);
heading("The log");
table(
  ["`log.allowed`", "logs of a million decisions", "JWT together", "saving"],
  [1, 0.1, 0.01, 0].map((allowed) => {
    const whole = costAt(1e6, token, allowed);
    const saving = 1 - whole / costAt(1e6, token, 1);
    const { logs } = costOf(1e6, token, { memory: MEMORY, allowed });
    return [`${allowed}`, dollars(logs), dollars(whole), `${Math.round(saving * 100)} %`];
  }),
);
heading("Memory");
table(
  ["memory", "JWT: billed", "duration of a million", "API key: billed", "duration of a million"],
  [128, 256, 512, 1024, 1769].map((memory) => [
    `${memory} MB`,
    ...[token, key].flatMap((decision) => [
      `${billedMilliseconds(decision, memory)} ms`,
      dollars(costOf(1e6, decision, { memory, allowed: 1 }).duration),
    ]),
  ]),
);
heading("Changes of keys");
table(
  ["changes a month, each with a flush", "table and indexes", "events", "flushes", "function", "together"],
  [1e3, 1e4, 1e5, 1e6].map((changes) => {
    const cost = costOfChanges(changes, 1, MEMORY);
    const all = [cost.writes, cost.events, cost.flushes, cost.function];
    return [changes.toLocaleString("en"), ...[...all, all.reduce((sum, each) => sum + each, 0)].map(dollars)];
  }),
);
console.log(lines.join("\n"));

function costAt(decisions: number, decision: Decision, allowed: number): number {
  return totalOf(costOf(decisions, decision, { memory: MEMORY, allowed }));
}

function dollars(amount: number): string {
  return amount === 0 ? "0" : `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function heading(text: string): void {
  lines.push(`### ${text}`, "");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, head.map((_, column) => (column === 0 ? "---" : "--:")), ...rows];
  lines.push(...all.map((cells) => `| ${cells.join(" | ")} |`), "");
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < 0) throw new WrongUsage(`--${name} takes a number.`);
  return value;
}
