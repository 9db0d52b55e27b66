type Level = "debug" | "info" | "warn" | "error";
type Fields = Record<string, string | number | boolean | undefined>;

const REDACTED = /^(authorization|cookie|token|password|secret)$/i;

function format(value: string | number | boolean): string {
  const text = String(value);
  return /[\s="]/.test(text) ? JSON.stringify(text) : text;
}

/** One line per event, in the format that logs/keep.log documents. */
export function log(level: Level, requestId: string, message: string, fields: Fields = {}): void {
  const parts = [new Date().toISOString(), level, "gateway", requestId || "-", message];
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    parts.push(`${key}=${REDACTED.test(key) ? "[redacted]" : format(value)}`);
  }
  process.stdout.write(parts.join(" ") + "\n");
}
