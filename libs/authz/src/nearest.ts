/** The name that takes the fewest edits to reach from `text`, or undefined when none is near (Levenshtein, at most half of it). */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const short = text.slice(0, 40);
  const ranked = names.map((name) => ({ name, edits: distance(short, name) })).toSorted((a, b) => a.edits - b.edits);
  return ranked[0] && ranked[0].edits <= ranked[0].name.length / 2 ? ranked[0].name : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
