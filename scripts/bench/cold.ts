import type { Report } from "./report.ts";
export const cold = async (): Promise<Report> => ({ group: "cold", tables: [], targets: [], notes: [] });
