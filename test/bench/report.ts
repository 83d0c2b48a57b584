import type { Duel } from './duel.ts';

/** One line of the table. `passed` is undefined where the figure has no bar. */
export interface Row {
  readonly figure: string;
  readonly ours: string;
  readonly bare: string;
  readonly ratio: number;
  readonly bar?: string;
  readonly passed?: boolean;
  readonly p99?: string;
  readonly cpu?: string;
}

const COLUMNS = {
  figure: 'figure',
  ours: 'holdfast',
  bare: 'bare',
  ratio: 'ratio',
  bar: 'bar',
  verdict: '',
  p99: 'p99 ms (bare)',
  cpu: 'server CPU µs (bare)',
} as const;

/** A throughput compared; `atLeast` is the bar on the ratio. */
export function throughputRow(figure: string, { ours, bare, ratio }: Duel, atLeast?: number): Row {
  return {
    figure,
    ours: `${whole(ours.perSecond)} /s`,
    bare: `${whole(bare.perSecond)} /s`,
    ratio,
    p99: `${ours.p99.toFixed(1)} (${bare.p99.toFixed(1)})`,
    cpu: `${whole(ours.cpuMicros)} (${whole(bare.cpuMicros)})`,
    ...(atLeast === undefined ? {} : { bar: `≥ ${atLeast.toFixed(2)}`, passed: ratio >= atLeast }),
  };
}

/** A small Holdfast against one with a crowd of roles; `atMost` is the bar on how many times as long the crowded one takes. */
export function crowdedRow(figure: string, { ours: few, bare: many, ratio }: Duel, atMost: number): Row {
  const row = throughputRow(figure, { ours: many, bare: few, ratio });
  return { ...row, bar: `≤ ${atMost.toFixed(2)} ×`, passed: ratio <= atMost };
}

/** A quantity of which less is better; the bar is on the ratio to bare, or with `unit` on our figure itself. */
export function costRow(
  figure: string,
  sides: { ours: number; bare: number },
  unit: string,
  bar: { ratio: number } | { figure: number },
): Row {
  const { ours, bare } = sides;
  const ratio = ours / bare;
  const [limit, passed] = 'ratio' in bar ? [`≤ ${bar.ratio} ×`, ratio <= bar.ratio] : [`≤ ${bar.figure} ${unit}`, ours <= bar.figure];
  return { figure, ours: `${ours.toFixed(1)} ${unit}`, bare: `${bare.toFixed(1)} ${unit}`, ratio, bar: limit, passed };
}

/** The table for people, columns aligned. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [Object.values(COLUMNS), ...rows.map(cellsOf)];
  const widths = Object.keys(COLUMNS).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return cells.map((row) => line(row).trimEnd()).join('\n');
}

function cellsOf({ figure, ours, bare, ratio, bar = '', passed, p99 = '', cpu = '' }: Row): string[] {
  const verdict = passed === undefined ? '' : passed ? 'ok' : 'BELOW BAR';
  return [figure, ours, bare, ratio.toFixed(2), bar, verdict, p99, cpu];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
