/** The time of day on this machine, as 14:05:09. */
export function clockTime(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}
