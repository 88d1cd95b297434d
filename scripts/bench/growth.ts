import type { Report } from "./report.ts";
export const growing = async (): Promise<Report> => ({ group: "growth", tables: [], targets: [], notes: [] });
