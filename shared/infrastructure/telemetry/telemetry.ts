import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";

const serviceName = process.env.POWERTOOLS_SERVICE_NAME ?? "sallyport";

/** The log of a function: one JSON text a line. */
export const logger = new Logger({ serviceName });

/** The metrics of a function, which it writes into its log. */
export const metrics = new Metrics({
  namespace: process.env.POWERTOOLS_METRICS_NAMESPACE ?? "Sallyport",
  serviceName,
});
