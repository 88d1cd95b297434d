import { gzipSync } from "node:zlib";

/** The event of a subscription, with a text or an object for each line, as CloudWatch Logs sends it. */
export const logEvent = (lines: readonly (string | object)[], envelope: object = {}) => ({
  awslogs: {
    data: gzipSync(
      JSON.stringify({
        messageType: "DATA_MESSAGE",
        owner: "123456789012",
        logGroup: "sallyport-AuthorizerLogs-1",
        logStream: "2026/11/21/[$LATEST]0",
        subscriptionFilters: ["uses"],
        logEvents: lines.map((line, index) => ({
          id: String(index).padStart(56, "0"),
          timestamp: 1_795_298_400_000,
          message: typeof line === "string" ? line : JSON.stringify(line),
        })),
        ...envelope,
      }),
    ).toString("base64"),
  },
});

/** The part of the authorizer's line that matters here. */
export const lineOf = (...keyUses: object[]) => ({ level: "INFO", message: "allow", outcome: "allow", keyUses });
